"""Requests that come together share one transaction, and each gets its own answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.ingest.handlers.gathering import Gathering
from shared.errors import Unavailable


class Slow:
    """Work that takes until it is let go; remembers what was done together."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.together.append(list(items))
        self.begun.set()
        assert self.go.wait(10)
        if 13 in items:
            raise ValueError("unlucky")
        return [item * 2 for item in items]


def gathered(work: Callable[[Sequence[int]], list[int]], most: int = 100) -> Gathering[int, int]:
    return Gathering(work, lambda _: 1, most)


def run(work: Slow, items: Sequence[int], most: int = 100) -> list[Any]:
    """Do the first item, and while that is being worked on all the others; return results and errors."""
    gathering = gathered(work, most)
    with ThreadPoolExecutor(len(items)) as pool:
        first = pool.submit(gathering.do, items[0])
        assert work.begun.wait(10)
        rest = [pool.submit(gathering.do, item) for item in items[1:]]
        work_waits_for(gathering, len(rest))
        work.go.set()
        return [future.exception() or future.result() for future in (first, *rest)]


def work_waits_for(gathering: Gathering[int, int], number: int) -> None:
    everyone = threading.Event()
    while len(gathering._waiting) < number:
        everyone.wait(0.001)


def test_what_comes_while_others_are_worked_on_is_done_together() -> None:
    work = Slow()
    assert run(work, range(20, 40)) == [2 * n for n in range(20, 40)]
    assert work.together[0] == [20]
    assert len(work.together) == 2
    assert sorted(work.together[1]) == list(range(21, 40))


def test_no_more_is_done_together_than_is_allowed() -> None:
    work = Slow()
    assert run(work, range(10), most=4) == [2 * n for n in range(10)]
    assert max(len(items) for items in work.together) == 4


def test_one_that_cannot_be_worked_on_costs_no_other_its_answer() -> None:
    found = run(Slow(), [0, 1, 13, 2])
    assert [str(each) if isinstance(each, ValueError) else each for each in found] == [0, 2, "unlucky", 4]


def test_when_the_store_is_away_everybody_is_told_at_once() -> None:
    calls: list[int] = []

    def away(items: Sequence[int]) -> list[int]:
        calls.append(len(items))
        raise Unavailable("the store is away")

    with pytest.raises(Unavailable):
        gathered(away).do(1)
    assert calls == [1]


def test_many_threads_get_their_own_answers_and_nobody_waits_for_ever() -> None:
    gathering = gathered(lambda items: [item * 2 for item in items])
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(gathering.do, range(2000))) == [2 * n for n in range(2000)]


def test_the_same_activity_in_many_requests_at_once_is_stored_once(
    new_client: Callable[..., FlaskClient], roster: dict[str, Any], call: dict[str, Any]
) -> None:
    client = new_client()
    client.put("/ingest/v1/league/roster", json=roster)
    token = client.environ_base["HTTP_AUTHORIZATION"]
    with ThreadPoolExecutor(8) as pool:
        posts = [pool.submit(_post, client.application, token, call) for _ in range(24)]
        told = [post.result() for post in posts]
    assert sorted(each["status"] for each in told) == ["accepted"] + ["duplicate"] * 23
    assert len({each["inbox"] for each in told}) == 1


def _post(app: Any, token: str, call: dict[str, Any]) -> dict[str, Any]:
    answer = app.test_client().post("/ingest/v1/activities", json=call, headers={"Authorization": token})
    found: dict[str, Any] = answer.get_json()["results"][0]
    return found
