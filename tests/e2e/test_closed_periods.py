"""A month is closed; then deals come late, are lost after all, and a seller turns out to have changed teams.

In at the front door, through the whole chain: the closed month stays as it is, the next one carries the differences,
and the one after that carries none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.auth import mint
from tests.e2e import office
from tests.e2e.chain import Chain, Refused

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ROOT = "/commission/v1"
OWN, TEAM = "sales.v1/own", "sales.v1/team"
MEMBERS = {"sanne": "noord", "bram": "noord", "noa": "zuid"}
SCOPES = {
    "hr": ["runs:write", "payouts:export", "payouts:read", "statements:read"],
    "finance": ["runs:approve", "payouts:read"],
}


def _roster(sanne: list[dict[str, str]]) -> dict[str, Any]:
    memberships = {rep: [{"team": team, "from": "2016-01-01"}] for rep, team in MEMBERS.items()} | {"sanne": sanne}
    return {
        "organisation": {"name": "GTX", "timezone": "Europe/Amsterdam", "currency": "EUR", "language": "en"},
        "teams": [{"id": "noord", "name": "Noord"}, {"id": "zuid", "name": "Zuid"}],
        "reps": [{"id": rep, "name": rep.title(), "memberships": own} for rep, own in memberships.items()],
    }


def _plans() -> dict[str, Any]:
    """Return one plan: a tenth of the own revenue, a hundredth of the team's."""
    [plan] = office.plans()["plans"]
    said = {name: value for name, value in plan.items() if name not in ("target_incentive", "components")}
    components = [
        {"id": "own", "scope": "individual", "metric": "revenue", "rate": "0.1"},
        {"id": "team", "scope": "team", "metric": "revenue", "rate": "0.01"},
    ]
    return {"plans": [{**said, "id": "sales", "who": {"teams": ["noord", "zuid"]}, "components": components}]}


class Company:
    """Everybody who has a hand in it, on a running chain."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.tokens = {name: mint(chain.tokens, name, scopes) for name, scopes in SCOPES.items()}
        self.roster([{"team": "noord", "from": "2016-01-01"}])
        for kind, body in (("playbook", office.playbook()), ("plans", _plans()), ("targets", {"targets": []})):
            self.chain.call("PUT", f"/ingest/v1/league/{kind}?effective_from=2016-01-01", body)

    def roster(self, sanne: list[dict[str, str]]) -> None:
        """Put a roster in which sanne was in these teams."""
        self.chain.call("PUT", "/ingest/v1/league/roster", _roster(sanne))

    def deal(self, name: str, rep: str, day: str, **said: str) -> None:
        """Send what the CRM says about a deal."""
        deal = {"id": name, "pipeline": "sales", **said}
        at = f"{day}T12:00:00Z"
        body = {"id": f"{name}/{said['stage']}", "type": "deal", "occurred_at": at, "owner": rep, "deal": deal}
        self.chain.call("POST", "/ingest/v1/activities", body)

    def won(self, name: str, rep: str, day: str, euros: int) -> None:
        """Send that a deal was won."""
        self.deal(name, rep, day, stage="won", amount=f"{euros}.00", currency="EUR")

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Call the commission API as somebody."""
        return self.chain.call(method, ROOT + path, body, Authorization=f"Bearer {self.tokens[who]}")

    def expect(self, period: str, **euros: str) -> None:
        """Wait until the live estimate of a period says so."""

        def said() -> bool:
            try:
                found = self.call("hr", "GET", f"/payouts?period={period}")["payouts"]
            except Refused:  # the books have not heard of the roster yet
                return False
            return {one["rep"]["id"]: one["totals"][0]["amount"] for one in found if one["totals"]} == euros

        self.chain.wait_until(said, f"{period} to be estimated at {euros}")

    def close(self, period: str) -> str:
        """Take a period from open to closed."""
        run: str = self.call("hr", "POST", "/runs", {"period": period})["id"]
        self.call("hr", "POST", f"/runs/{run}/steps", {"action": "submit"})
        self.call("finance", "POST", f"/runs/{run}/steps", {"action": "approve"})
        made = self.call("hr", "POST", f"/runs/{run}/exports", {"format": "json"})
        self.call("hr", "POST", f"/exports/{made['id']}/confirmation")
        assert self.call("hr", "POST", f"/runs/{run}/steps", {"action": "close"})["state"] == "closed"
        return run

    def pay(self, run: str, rep: str) -> dict[str, str]:
        """Return the lines that somebody is paid in a run."""
        said = self.call("hr", "GET", f"/runs/{run}/statements/{rep}")["pay"]
        return {line["id"].removeprefix(f"{rep}:"): line["amount"] for line in said}

    def everything(self, run: str) -> list[Any]:
        """Return all that can be read of a run."""
        paths = [f"/runs/{run}", f"/runs/{run}/payouts", *(f"/runs/{run}/statements/{rep}" for rep in MEMBERS)]
        [export] = self.call("hr", "GET", f"/runs/{run}/exports")["exports"]
        return [self.call("hr", "GET", path) for path in (*paths, export["files"][0]["href"].removeprefix(ROOT))]


@pytest.mark.parametrize(
    ("bus", "sql"),
    [("redis", "sqlite"), pytest.param("kafka", "postgres", marks=[pytest.mark.kafka, pytest.mark.postgres])],
)
def test_a_closed_month_stays_and_the_next_one_carries_what_came_late(
    chain_on: Callable[[str, str], Chain], bus: str, sql: str
) -> None:
    company = Company(chain_on(bus, sql))
    company.won("D-1", "sanne", "2017-03-05", 10_000)
    company.won("D-2", "bram", "2017-03-06", 5_000)
    company.won("D-3", "sanne", "2017-03-20", 2_000)
    company.won("D-5", "sanne", "2017-04-10", 4_000)
    company.expect("2017-03", sanne="1370.00", bram="670.00", noa="0.00")  # 10 % of the own, 1 % of 17,000
    march = company.close("2017-03")
    before = company.everything(march)
    assert company.pay(march, "sanne") == {f"earned:{OWN}": "1200.00", f"earned:{TEAM}/noord": "170.00"}

    company.won("D-4", "bram", "2017-03-30", 3_000)  # comes late
    company.deal("D-1", "sanne", "2017-05-02", stage="lost")  # is lost after all
    moved = [{"team": "noord", "from": "2016-01-01", "to": "2017-03-10"}, {"team": "zuid", "from": "2017-03-10"}]
    company.roster(moved)  # and sanne changed teams on the 10th, which nobody had entered
    # own: 10 % of 2,000 and of 8,000; noord has 8,000 now and zuid 2,000; sanne was there 9 and 22 of 31 days
    company.expect("2017-03", sanne="237.42", bram="880.00", noa="20.00")

    april = company.close("2017-04")
    assert company.pay(april, "sanne") == {
        f"earned:{OWN}": "400.00",
        f"earned:{TEAM}/zuid": "40.00",
        f"adjustment:2017-03:{OWN}": "-1000.00",
        f"adjustment:2017-03:{TEAM}/noord": "-146.77",  # 80 x 9/31 = 23.23, and 170 were paid
        f"adjustment:2017-03:{TEAM}/zuid": "14.19",  # 20 x 22/31
        "owed/EUR": "692.58",
    }
    assert company.pay(april, "bram") == {
        f"earned:{OWN}": "0.00",
        f"earned:{TEAM}/noord": "0.00",
        f"adjustment:2017-03:{OWN}": "300.00",
        f"adjustment:2017-03:{TEAM}/noord": "-90.00",
    }
    assert company.pay(april, "noa")[f"adjustment:2017-03:{TEAM}/zuid"] == "20.00"
    assert company.everything(march) == before
    assert company.call("hr", "POST", f"/runs/{march}/verification")["same"]

    may = company.close("2017-05")
    assert not [line for rep in MEMBERS for line in company.pay(may, rep) if "adjustment" in line]
    [debt] = company.call("hr", "GET", f"/balances?run={may}&rep=sanne")["balances"]
    assert (debt["kind"], debt["closing"]["amount"]) == ("debt", "692.58")
