"""The example office's pay of last month is calculated by itself, once and only when everything is in."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from deploy import office, payday
from deploy.frontdoor import Refused, Stopped
from services.commission.schemas.payroll import parse_payroll
from shared.contracts.roster import parse_roster

TODAY = date(2026, 11, 24)
DAYS = [TODAY, date(2027, 1, 1), date(2028, 2, 29)]


class Door:
    """The books as somebody at the door sees them: what each look at the payouts gives, and the state of the period."""

    def __init__(self, looks: Sequence[int], state: str = "open", *, refuses: bool = False) -> None:
        self.stop = threading.Event()
        self.done: list[tuple[str, str]] = []
        self._looks, self._state, self._refuses = list(looks), state, refuses

    def call(self, method: str, path: str, body: Any = None) -> Any:
        self.done.append((method, path))
        if method == "POST" and self._refuses:
            raise Refused(path)
        if "payouts" not in path:
            return {"state": self._state}
        if len(self._looks) == 1:
            self.stop.set()
        return {"control": [{"minor": self._looks.pop(0)}]}

    @property
    def orders(self) -> list[str]:
        return [path for method, path in self.done if method == "POST"]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payday, "QUIET_SECONDS", 0.001)


def test_last_month_is_calculated_once_its_payouts_stay_the_same() -> None:
    door = Door([0, 0, 500, 900, 900, 1])
    assert payday.calculate(door, "2026-10")  # type: ignore[arg-type]
    assert door.orders == ["/commission/v1/runs"]
    assert len(door.done) == 5 + 2


def test_a_period_that_has_a_run_is_left_alone() -> None:
    door = Door([900, 900, 1], "approved")
    assert not payday.calculate(door, "2026-10")  # type: ignore[arg-type]
    assert door.orders == []


def test_a_refusal_ends_nothing_else() -> None:
    assert not payday.calculate(Door([900, 900, 1], refuses=True), "2026-10")  # type: ignore[arg-type]


def test_somebody_who_stops_does_not_wait_for_it() -> None:
    with pytest.raises(Stopped):
        payday.calculate(Door([1]), "2026-10")  # type: ignore[arg-type]


def test_last_month_is_the_one_before_the_present() -> None:
    assert payday.last_month(date(2027, 1, 3)) == "2026-12"


@pytest.mark.parametrize("day", DAYS)
def test_everybody_of_the_example_office_is_on_a_payroll_on_every_day_they_work(day: date) -> None:
    roster = parse_roster(office.documents(day, day)["roster"])
    found = parse_payroll(office.payroll(day))
    for rep in roster.reps.values():
        for member in rep.memberships:
            employment = found.employment(rep.id, member.start)
            assert employment is not None
            assert employment.covers(member.start)
            assert (employment.employer == "rotterdam") == (member.team == "rotterdam")
