"""Redis Cluster: every step touches one slot only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from services.leaderboard.domain.boards import MEASURES, Board
from services.leaderboard.store import Standings
from shared.contracts.league import ROSTER
from tests.engines import free_port, redis
from tests.engines.engine import wait_until
from tests.engines.process import Recipe, new_folder, start_local
from tests.leaderboard.sample import NOW, apply, document, league, line, put, roster

ALL_SLOTS = range(16384)


@pytest.fixture(scope="module")
def cluster_url() -> Iterator[str]:
    """Return the URL of a Redis in cluster mode that holds all slots, and so refuses steps over several."""
    # the nodes talk to each other 10,000 ports higher
    port, folder = next(port for port in iter(free_port, 0) if port < 55_000), new_folder("cluster")
    options = {"port": port, "bind": "127.0.0.1", "dir": folder, "cluster-enabled": "yes", "save": ""}
    command = [redis._server(), *(str(part) for name, value in options.items() for part in (f"--{name}", value))]
    with start_local(f"redis://127.0.0.1:{port}/0", folder, Recipe(command, lambda: redis._answers(port))) as engine:
        with Redis(port=port, decode_responses=True) as client:
            client.execute_command("CLUSTER ADDSLOTS", *ALL_SLOTS)
            wait_until(lambda: client.cluster("INFO")["cluster_state"] == "ok", 30, "the cluster")
        yield engine.url


def test_the_server_does_refuse_a_step_over_several_slots(cluster_url: str) -> None:
    with Redis.from_url(cluster_url) as client, pytest.raises(ResponseError, match="same slot"):
        client.mget("a", "b")


def test_every_step_works_on_a_cluster_and_every_key_is_in_one_slot(cluster_url: str) -> None:
    standings = Standings.open(cluster_url)
    put(standings, league())
    apply(standings, [line(1, "anna", 5), line(2, "anna", 1, metric="deals")])
    for by in MEASURES:
        board = Board("revenue", "2093-11", "reps", by)
        assert standings.board(board).rows
        assert standings.around(board, "anna")
        assert standings.neighbours(board, "anna")
    apply(standings, [line(3, "bas", 5)])
    assert [row.amount for row in standings.board(Board("revenue", "2093-11")).rows] == [10, 0]
    assert standings.latest_wins()
    with Redis.from_url(cluster_url, decode_responses=True) as client:
        keys = list(client.scan_iter())
        assert len(keys) > 30
        assert len({client.execute_command("CLUSTER KEYSLOT", key) for key in keys}) == 1
    standings.put(document(ROSTER, roster(timezone="UTC"), version=2), NOW)
    standings.wipe(NOW)
    assert standings.boards() == []
    standings.close()
