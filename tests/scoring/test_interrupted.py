"""Computing again can be interrupted at any point: whoever goes on ends where nobody was interrupted."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pytest

from services.scoring.handlers import Scorer
from services.scoring.store import Ledger, Transaction
from tests.scoring.office import at, document
from tests.scoring.test_contests import HOUR
from tests.scoring.test_laws import EVER, Machine
from tests.scoring.test_limits import MENTORED, call, call_rule, playbook
from tests.scoring.test_rhythm import BEST, FIRST, METRICS, MILE, STREAK

LABEL = {"nl": "…", "en": "…"}
CONTEST = {**HOUR, "from": "2026-03-03T00:00:00Z", "to": "2026-03-04T00:00:00Z", "multipliers": [{"factor": 2}]}
PRIZES: dict[str, dict[str, Any]] = {"streaks": STREAK, "firsts": FIRST, "bests": BEST, "milestones": MILE}
RHYTHM = {kind: [{"text": LABEL, **prize}] for kind, prize in PRIZES.items()}


def book(most: int) -> dict[str, Any]:
    caps = {"caps": [{"most": most, "of": "points", "every": "day"}]}
    rule = call_rule(credit={"points": 5, "calls": 1}, limits=caps, mentor="0.5")
    return playbook(rule, metrics=METRICS, rhythm=RHYTHM, contests=[CONTEST])


class Crash(BaseException):
    """The process dies here."""


class Mortal(Ledger):
    """A ledger whose process dies at its `n`-th transaction: before it is committed, or just after."""

    def __init__(self, engine: Any, n: int, *, committed: bool) -> None:
        super().__init__(engine)
        self.left, self.committed = n, committed

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self.left -= 1
        with super().transaction() as transaction:
            yield transaction
            if not self.left and not self.committed:
                raise Crash
        if not self.left:
            raise Crash


def office() -> Machine:
    made = Machine()
    for each in (document("roster", MENTORED), document("playbook", book(12))):
        made.put(each)
    made.scorer.score(
        [call(f"{rep}{n}", f"03-0{2 + n % 3} {9 + n}", rep) for n in range(6) for rep in ("sanne", "bram")]
    )
    _finish(made.scorer)
    return made


def _finish(scorer: Scorer) -> None:
    while scorer.restate_some() or scorer.refresh_some():
        pass


def _stands(made: Machine) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for line in made.reader.lines(EVER, 10_000):
        sums[line.subject, line.rule, line.metric, line.rep, line.team, line.at] += line.amount
    return Counter({key: total for key, total in sums.items() if total})


def _clock() -> datetime:
    return at("12-31 00")


def _change(scorer: Scorer) -> None:
    scorer.put_document(document("playbook", book(7), 2, date(2026, 3, 3)))
    _finish(scorer)


@pytest.mark.parametrize("committed", [False, True])
def test_a_change_that_is_interrupted_at_any_commit_ends_the_same(*, committed: bool) -> None:
    whole = office()
    _change(whole.scorer)
    n, died = 0, True
    while died:
        n += 1
        made = office()
        died = _dies(Scorer(Mortal(made.engine, n, committed=committed), lambda _: None, _clock))
        _change(made.scorer)
        assert _stands(made) == _stands(whole)
        assert made.reader.gaps() == {}
    assert n > 10


def _dies(scorer: Scorer) -> bool:
    try:
        _change(scorer)
    except Crash:
        return True
    return False
