"""An office with people, targets, plans and a ledger, from which statements are computed as the service does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any

from services.commission.domain import derivation
from services.commission.domain.components import Line
from services.commission.domain.league import League, read_league
from services.commission.domain.notebook import Entry, Notebook
from services.commission.domain.statements import Statement, statement
from services.commission.handlers.reading import gather
from shared import periods
from shared.contracts.credit import Credit
from tests.commission.lines import line
from tests.commission.office import DECIMALS, METRICS, WHOLE_YEAR, document, playbook_body, roster_body

PAID = {"id": "paid", "unit": "EUR", "label": {"nl": "betaald", "en": "paid"}}


@dataclass(frozen=True)
class Story:
    """`plans` by the day from which they hold; `credits` in usual units, as "day rep team amount [metric [deal]]".

    `lines` are more credits, `sanne` more of her on the roster.
    """

    plans: Mapping[str, Sequence[Mapping[str, Any]]]
    credits: Sequence[str] = ()
    targets: Sequence[Mapping[str, Any]] = ()
    sanne: Mapping[str, Any] = field(default_factory=dict)
    others: Sequence[Mapping[str, Any]] = ()
    holidays: Sequence[str] = ()
    lines: Sequence[Credit] = ()

    @cached_property
    def league(self) -> League:
        """The documents, read."""
        roster = roster_body(self.sanne.get("memberships", WHOLE_YEAR), more=self.others)
        roster["reps"][0] |= self.sanne
        roster["organisation"]["holidays"] = list(self.holidays)
        playbook = {**playbook_body(), "metrics": [*METRICS, PAID]}
        said = [{"metric": "revenue", **target} for target in self.targets]
        return read_league(
            [
                document("roster", roster),
                document("playbook", playbook),
                document("targets", {"targets": said}),
                *(document("plans", {"plans": list(p)}, n, day) for n, (day, p) in enumerate(self.plans.items(), 1)),
            ]
        )

    @cached_property
    def ledger(self) -> Notebook:
        """The credits."""
        return notebook([*lines_of(self.credits), *self.lines])

    def statement(self, period: str, rep: str = "sanne", ledger: Notebook | None = None) -> Statement:
        """Compute a statement from what is gathered for it alone."""
        who, when = self.league.roster.reps[rep], periods.parse(period)
        return statement(who, when, self.league, gather(ledger or self.ledger, self.league, when, who))

    def pays(self, period: str, rep: str = "sanne") -> int:
        """Return what a period pays in cents of euros."""
        return self.statement(period, rep).totals.get("EUR", 0)


def notebook(lines: Iterable[Credit]) -> Notebook:
    """Return ledger lines as a ledger in memory."""
    return Notebook([Entry(one.rep, one.team, one.metric, one.amount, one.at, one.subject) for one in lines])


def lines_of(said: Iterable[str]) -> list[Credit]:
    """Return the ledger lines of credits as they are written here; noon in UTC is the same day in Amsterdam."""
    return [_line(seq, each.split()) for seq, each in enumerate(said, start=1)]


def _line(seq: int, words: Sequence[str]) -> Credit:
    day, rep, team, amount, metric, deal = [*words, *("revenue", f"D-{seq}")[len(words) - 4 :]]
    at = datetime.combine(date.fromisoformat(day), time(12), tzinfo=UTC)
    minor = int(Decimal(amount).scaleb(DECIMALS.get(metric, 2)))
    return line(seq, minor, rep=rep, team=team, metric=metric, at=at, subject=f"deal:{deal}")


def sentences(line: Line, language: str = "en") -> list[str]:
    """Return the derivation of a line with plain spaces."""
    return [derivation.sentence(step, language).replace("\u00a0", " ") for step in line.steps]
