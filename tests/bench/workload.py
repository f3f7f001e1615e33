"""A made-up stream of work for benches: the same for every run and every size."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from shared.contracts import activity as contract
from shared.contracts.times import from_text

REPS, TEAMS = 40, 5
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
STAGES = ("lead", "demo", "proposal", "won")
LABEL = {"nl": "…", "en": "…"}


def posts(count: int) -> Iterator[dict[str, Any]]:
    """Yield `count` activities as a CRM posts them: seven calls to three deal changes."""
    chance = random.Random(7)
    for n in range(count):
        at = START + timedelta(seconds=n * 30)
        rep = f"rep-{chance.randrange(REPS)}"
        head = {"id": str(n), "occurred_at": at.isoformat(), "owner": rep}
        if chance.random() < 0.7:
            yield {**head, "type": "call", "data": {"duration_s": chance.randrange(30, 900)}}
        else:
            deal = chance.randrange(count // 8 + 1)
            amount = f"{chance.randrange(50_000, 2_000_000) / 100:.2f}"
            yield {
                **head,
                "type": "deal",
                "deal": {
                    "id": f"D-{deal}",
                    "stage": chance.choice(STAGES),
                    "amount": amount,
                    "currency": "EUR",
                },
            }


def as_activity(post: dict[str, Any], inbox: int) -> contract.Activity:
    """Return the activity that ingest makes of a post: what a bare bus would carry."""
    deal = post.get("deal")
    said = {"owner": post["owner"], **{k: v for k, v in (deal or {}).items() if k != "id"}}
    return contract.Activity(
        id=f"crm:{post['id']}",
        source="crm",
        type=post["type"],
        occurred_at=from_text(post["occurred_at"]),
        rep=post["owner"],
        inbox=inbox,
        deal=contract.DealChange(deal["id"], said) if deal else None,
        data=post.get("data", {}),
    )


def bodies(count: int, batch: int) -> list[bytes]:
    """Return the same activities as request bodies of `batch` each."""
    all_posts = list(posts(count))
    return [orjson.dumps(all_posts[i : i + batch]) for i in range(0, count, batch)]


def documents() -> dict[str, dict[str, Any]]:
    """Return roster and playbook of the benches' office, by kind."""
    return {"roster": _roster(), "playbook": _playbook()}


def _roster() -> dict[str, Any]:
    return {
        "organisation": {
            "name": "Bench",
            "timezone": "Europe/Amsterdam",
            "currency": "EUR",
            "language": "en",
        },
        "teams": [{"id": f"team-{t}", "name": f"Team {t}"} for t in range(TEAMS)],
        "reps": [
            {
                "id": f"rep-{r}",
                "name": f"Rep {r}",
                "memberships": [{"team": f"team-{r % TEAMS}", "from": "2020-01-01"}],
            }
            for r in range(REPS)
        ],
    }


def _playbook() -> dict[str, Any]:
    stages = [{"id": stage, "label": LABEL} for stage in STAGES[:-1]]
    stages += [{"id": "won", "label": LABEL, "closes": "won"}]
    metrics = (("points", "points"), ("revenue", "EUR"), ("deals", "deals"), ("calls", "calls"))
    return {
        "pipelines": [{"id": "sales", "label": LABEL, "stages": stages}],
        "activities": [{"id": "call", "label": LABEL}],
        "metrics": [{"id": name, "unit": unit, "label": LABEL} for name, unit in metrics],
        "rules": [
            _rule("call", {"activity": "call"}, {"calls": 1}),
            _rule("long", {"activity": "call"}, {"points": 5}, when="data.duration_s >= 60"),
            _rule("demo", {"deal": "entered", "stage": "demo"}, {"points": 15}),
            _rule("proposal", {"deal": "entered", "stage": "proposal"}, {"points": 25}),
            _rule("won", {"deal": "won"}, {"deals": 1, "revenue": "deal.amount", "points": 50}),
            _rule("big", {"deal": "won"}, {"points": 100}, when="deal.amount >= 10000.0"),
        ],
    }


def _rule(name: str, on: dict[str, str], credit: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"id": name, "on": on, "credit": credit, "text": LABEL, **more}
