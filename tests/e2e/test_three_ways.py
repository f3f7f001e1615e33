"""A day of one office's deals, sent as HubSpot's hooks, as Pipedrive's hooks and as a table: identical credits."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.chain import Chain, Refused

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

SECRET, LOGIN = "what-only-hubspot-knows", "samenspel:what-only-pipedrive-knows"
DAY = datetime(2026, 3, 10, 8, tzinfo=UTC)
LABEL = {"nl": "…", "en": "…"}
OWNERS = {"sanne": (41, 701, "Sanne de Vries"), "bram": (42, 702, "Bram Bakker")}
STAGES = {
    "lead": ("appointmentscheduled", 1),
    "demo": ("qualifiedtobuy", 2),
    "won": ("closedwon", 3),
    "lost": ("closedlost", 4),
}


@dataclass(frozen=True)
class Change:
    """What happened to a deal at a minute of the day; `said` holds stage, amount or owner, or it is deleted."""

    deal: str
    minute: int
    said: dict[str, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def at(self) -> datetime:
        return DAY + timedelta(minutes=self.minute)


OFFICE_DAY = [
    Change("101", 0, {"stage": "lead", "owner": "sanne", "amount": "1000"}),
    Change("101", 60, {"stage": "demo"}),
    Change("101", 120, {"amount": "1250.50"}),
    Change("101", 180, {"stage": "won"}),
    Change("102", 5, {"stage": "lead", "owner": "bram", "amount": "800"}),
    Change("102", 65, {"stage": "demo"}),
    Change("102", 245, {"stage": "lost"}),
    Change("103", 10, {"stage": "demo", "owner": "sanne", "amount": "700"}),
    Change("103", 70, {"stage": "won"}),
    Change("103", 130, {"stage": "demo"}),  # reopened
    Change("103", 190, {"stage": "won"}),
    Change("103", 250, {"amount": "900"}),
    Change("104", 15, {"stage": "demo", "owner": "bram", "amount": "2000"}),
    Change("104", 100, {"owner": "sanne"}),  # handed over before it was won
    Change("104", 200, {"stage": "won"}),
    Change("105", 20, {"stage": "demo", "owner": "bram", "amount": "300"}),
    Change("105", 80, {"stage": "won"}),
    Change("105", 400, deleted=True),
    Change("106", 25, {"stage": "lead", "owner": "bram"}),
    Change("106", 85, {"stage": "won"}),
    Change("106", 300, {"amount": "450.25"}),  # the amount is known only afterwards
]
DEALS = sorted({change.deal for change in OFFICE_DAY})


def roster() -> dict[str, Any]:
    return {
        "organisation": {"name": "Voorbeeld BV", "timezone": "Europe/Amsterdam", "currency": "EUR"},
        "teams": [{"id": "noord", "name": "Noord"}, {"id": "zuid", "name": "Zuid"}],
        "reps": [
            {
                "id": rep,
                "name": name,
                "identities": [f"hubspot:{hubspot}", f"pipedrive:{pipedrive}", name],
                "memberships": [{"team": team, "from": "2026-01-01"}],
            }
            for (rep, (hubspot, pipedrive, name)), team in zip(OWNERS.items(), ("noord", "zuid"), strict=True)
        ],
    }


def playbook() -> dict[str, Any]:
    stages = [{"id": "lead", "label": LABEL}, {"id": "demo", "label": LABEL}]
    stages += [{"id": closing, "label": LABEL, "closes": closing} for closing in ("won", "lost")]
    metrics = (("points", "points"), ("revenue", "EUR"), ("deals", "deals"))
    return {
        "pipelines": [{"id": "sales", "label": LABEL, "stages": stages}],
        "activities": [],
        "metrics": [{"id": name, "unit": unit, "label": LABEL} for name, unit in metrics],
        "rules": [
            {"id": "demo", "on": {"deal": "entered", "stage": "demo"}, "credit": {"points": 15}, "text": LABEL},
            {
                "id": "won",
                "on": {"deal": "won"},
                "credit": {"deals": 1, "revenue": "deal.amount", "points": 50},
                "text": LABEL,
            },
        ],
    }


def sources() -> dict[str, Any]:
    """Two connections; the third way is a table, which needs none."""
    hubspot = {theirs: ours for ours, (theirs, _) in STAGES.items()}
    pipedrive = {str(theirs): ours for ours, (_, theirs) in STAGES.items()}
    return {
        "sources": [
            {
                "name": "hubspot",
                "kind": "hubspot",
                "secrets": ["env:SAMENSPEL_SECRET_HUBSPOT"],
                "account": "62515",
                "currency": "EUR",
                "stages": hubspot,
            },
            {
                "name": "pipedrive",
                "kind": "pipedrive",
                "secrets": ["env:SAMENSPEL_SECRET_PIPEDRIVE"],
                "stages": pipedrive,
            },
        ]
    }


# ------------------------------------------------------------------------------------------------------------- HubSpot


def as_hubspot() -> Iterator[dict[str, Any]]:
    """Yield HubSpot's events: one for each property, none of which tells anything else of the deal."""
    names = {"stage": "dealstage", "amount": "amount", "owner": "hubspot_owner_id"}
    for n, change in enumerate(OFFICE_DAY):
        common = {
            "eventId": n,
            "subscriptionId": 7,
            "portalId": 62515,
            "occurredAt": int(change.at.timestamp() * 1000),
            "attemptNumber": 0,
            "objectId": int(change.deal),
            "changeSource": "CRM_UI",
            "sourceId": "userId:9",
        }
        if change.deleted:
            yield {**common, "subscriptionType": "deal.deletion", "changeFlag": "DELETED"}
        for name, value in change.said.items():
            theirs = STAGES[value][0] if name == "stage" else str(OWNERS[value][0]) if name == "owner" else value
            event = {"subscriptionType": "deal.propertyChange", "propertyName": names[name], "propertyValue": theirs}
            yield {**common, **event}


def send_hubspot(chain: Chain, events: list[dict[str, Any]]) -> None:
    """Send events as HubSpot does: an array, signed (version 3) over the address and the raw body."""
    path = "/ingest/v1/hooks/hubspot"
    stamp, body = str(int(time.time() * 1000)), json.dumps(events)
    signed = f"POSThttp://127.0.0.1:{chain.port}{path}{body}{stamp}"
    signature = base64.b64encode(hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha256)).decode()
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp, "Authorization": ""}
    chain.call("POST", path, events, **headers)


# ----------------------------------------------------------------------------------------------------------- Pipedrive


def as_pipedrive() -> Iterator[dict[str, Any]]:
    """Yield Pipedrive's events: the whole deal each time, won and lost beside the stage; deleted, nothing of it."""
    states: dict[str, dict[str, Any]] = {}
    for n, change in enumerate(OFFICE_DAY):
        before = states.get(change.deal)
        at = change.at.isoformat().replace("+00:00", "Z")
        meta = {
            "id": f"0e5d-{n}",
            "entity": "deal",
            "entity_id": change.deal,
            "company_id": "77",
            "user_id": "999",
            "timestamp": at,
            "version": "2.0",
            "attempt": 1,
        }
        if change.deleted:
            yield {"meta": {**meta, "action": "delete"}, "data": None, "previous": before}
            continue
        now = {**(before or {"id": int(change.deal), "status": "open", "value": None, "currency": "EUR"})}
        now |= _pipedrive_fields(change, at)
        states[change.deal] = now
        previous = {name: value for name, value in before.items() if now[name] != value} if before else None
        yield {"meta": {**meta, "action": "change" if before else "create"}, "data": now, "previous": previous}


def _pipedrive_fields(change: Change, at: str) -> dict[str, Any]:
    now: dict[str, Any] = {"update_time": at}
    if "amount" in change.said:
        now["value"] = float(change.said["amount"])
    if "owner" in change.said:
        now["owner_id"] = OWNERS[change.said["owner"]][1]
    stage = change.said.get("stage")
    if stage:
        closed = stage if stage in {"won", "lost"} else None
        now |= {"status": closed or "open", "stage_id": STAGES[stage][1]}
        now |= {f"{each}_time": at if each == closed else None for each in ("won", "lost")}
    return now


def send_pipedrive(chain: Chain, event: dict[str, Any]) -> None:
    """Send one event as Pipedrive does: nothing but user and password vouches for it."""
    login = base64.b64encode(LOGIN.encode()).decode()
    chain.call("POST", "/ingest/v1/hooks/pipedrive", event, Authorization=f"Basic {login}")


# ------------------------------------------------------------------------------------------------------------- a table

COLUMNS = ("change", "deal", "at", "stage", "status", "amount", "owner")
MAPPING = """
connection: table
dates: {format: "%Y-%m-%dT%H:%M:%SZ", zone: UTC}
activities:
  - id: "{change}"
    type: deal
    occurred_at: "{at}"
    owner: "{owner}"
    deal: {id: "{deal}", stage: "{stage}", status: "{status}", amount: "{amount}", currency: EUR}
"""


def as_table(file: Path) -> None:
    """Write a table with a row for each change; a cell that says nothing is empty."""
    states: dict[str, str] = {}
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        for n, change in enumerate(OFFICE_DAY):
            stage = change.said.get("stage", "")
            status = "deleted" if change.deleted else stage if stage in {"won", "lost"} else "open" if stage else ""
            states[change.deal] = change.said.get("owner") or states.get(change.deal, "")
            owner = OWNERS[states[change.deal]][2]
            writer.writerow(
                {
                    "change": n,
                    "deal": change.deal,
                    "at": f"{change.at:%Y-%m-%dT%H:%M:%SZ}",
                    "stage": stage,
                    "status": status,
                    "amount": change.said.get("amount", ""),
                    "owner": owner,
                }
            )


# -------------------------------------------------------------------------------------------------------- the credits


def credits_of(chain: Chain, deal: str) -> Counter[tuple[str, ...]]:
    """Return what a deal is worth in the end: its ledger lines, with those that cancel each other out left out."""
    net: Counter[tuple[str, ...]] = Counter()
    for line in chain.get(f"/scoring/v1/subjects/deal:{deal}")["credits"]:
        net[line["rep"], line["team"], line["metric"], line["at"]] += line["amount"]
    return Counter({key: amount for key, amount in net.items() if amount})


WAYS = {"hubspot": "hubspot:", "pipedrive": "pipedrive:", "table": ""}


def all_credits(chain: Chain) -> dict[str, dict[str, Counter[tuple[str, ...]]]]:
    """Return what every deal is worth, by the way it came."""
    return {way: {deal: credits_of(chain, f"{prefix}{deal}") for deal in DEALS} for way, prefix in WAYS.items()}


def sum_of(found: dict[str, Counter[tuple[str, ...]]], metric: str) -> int:
    return sum(amount for deal in found.values() for (_, _, name, _), amount in deal.items() if name == metric)


def is_settled(chain: Chain) -> bool:
    """Tell whether everything is in the ledger: the three ways agree, and nothing waits any longer."""
    try:
        progress = chain.get("/scoring/v1/totals?metric=revenue&period=2026")["progress"]
        found = all_credits(chain)
    except Refused:  # a deal that has not come through yet
        return False
    quiet = progress["activities"] >= 3 * len(OFFICE_DAY) and not (progress["unpublished"] or progress["restating"])
    return bool(quiet and found["hubspot"] == found["table"] == found["pipedrive"])


def test_hubspot_pipedrive_and_a_table_of_the_same_day_give_identical_credits(
    chain_on: Callable[[str, str], Chain], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SAMENSPEL_SECRET_HUBSPOT", SECRET)
    monkeypatch.setenv("SAMENSPEL_SECRET_PIPEDRIVE", LOGIN)
    chain, dice = chain_on("redis", "sqlite"), random.Random(5)
    for kind, body in (("roster", roster()), ("playbook", playbook()), ("sources", sources())):
        chain.call("PUT", f"/ingest/v1/league/{kind}?effective_from=2026-01-01", body)
    hubspot, pipedrive = list(as_hubspot()), list(as_pipedrive())
    repeated = [{**event, "attemptNumber": 1} for event in dice.sample(hubspot, 6)]
    shuffled = dice.sample([*hubspot, *repeated], len(hubspot) + 6)
    for start in range(0, len(shuffled), 7):
        send_hubspot(chain, shuffled[start : start + 7])
    for event in dice.sample([*pipedrive, *dice.sample(pipedrive, 5)], len(pipedrive) + 5):
        send_pipedrive(chain, event)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    as_table(tmp_path / "deals.csv")
    table = ("import", str(tmp_path / "deals.csv"), "--mapping", str(tmp_path / "mapping.yaml"))
    chain.run("-m", "services.ingest.cli", *table)
    assert chain.get("/ingest/v1/parked")["counts"] == []
    with suppress(AssertionError):  # what differs is shown below
        chain.wait_until(lambda: is_settled(chain), "the three ways to agree", 60)
    found = all_credits(chain)
    assert found["hubspot"] == found["table"]
    assert found["pipedrive"] == found["table"]
    assert sum_of(found["table"], "revenue") == 125_050 + 90_000 + 200_000 + 45_025
    assert sum_of(found["table"], "deals") == 4
