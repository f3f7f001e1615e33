"""The league as the books see it: documents read once, and the plan that holds on a day."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.contracts.league import PLANS, PLAYBOOK, ROSTER, TARGETS, LeagueDocument
from shared.contracts.plan import Plan, Plans
from shared.contracts.plans import parse_plans
from shared.contracts.playbook import Metric, parse_playbook
from shared.contracts.roster import Roster, parse_roster
from shared.contracts.targets import Targets, parse_targets
from shared.errors import NotFound


class NoRoster(NotFound):
    """There is no roster yet, so that nobody can be paid."""


@dataclass(frozen=True, slots=True)
class PlansVersion:
    """One version of the plans document, in force from `effective_from`."""

    version: int
    effective_from: date
    plans: Plans


@dataclass(frozen=True)
class League:
    """The documents, read: the latest roster and targets, every version of the plans.

    `metrics` are those of all playbooks, a later version's word over an earlier one's, so that old
    periods keep their units. `versions` names the latest version of each kind; `mentored` are the metrics of which
    the playbook gives mentors a part already. `memo` holds what was worked out once from the documents alone.
    """

    roster: Roster
    targets: Targets = field(default_factory=lambda: Targets(()))
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    plans: tuple[PlansVersion, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict)
    mentored: frozenset[str] = frozenset()
    memo: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def plans_on(self, day: date) -> PlansVersion | None:
        """Return the plans in force on `day`: the latest start not after it, then the highest version."""
        begun = (plans for plans in self.plans if plans.effective_from <= day)
        return max(begun, key=lambda plans: (plans.effective_from, plans.version), default=None)

    def plan_on(self, day: date, rep: str, team: str, period: str) -> tuple[Plan | None, int | None]:
        """Return the plan, by the kind of `period` if there is one, of a rep who is in `team` on `day`; its version."""
        found = self.plans_on(day)
        return (found.plans.of(rep, team, period), found.version) if found else (None, None)


def check(document: LeagueDocument) -> None:
    """Raise BadDocument when the books could not use the document; a kind they do not use is fine."""
    if document.kind in _PARSERS:
        _PARSERS[document.kind](document.body)


def read_league(documents: Iterable[LeagueDocument]) -> League:
    """Read the documents of the books; NoRoster without one, BadDocument when one cannot be used."""
    ordered = sorted(documents, key=lambda document: (document.kind, document.version))
    latest = {document.kind: document for document in ordered}
    if ROSTER not in latest:
        raise NoRoster
    metrics: dict[str, Metric] = {}
    mentored: frozenset[str] = frozenset()
    for playbook in (parse_playbook(document.body) for document in ordered if document.kind == PLAYBOOK):
        metrics |= playbook.metrics
        mentored = frozenset(grant.metric for rule in playbook.rules if rule.mentor for grant in rule.grants)
    return League(
        roster=parse_roster(latest[ROSTER].body),
        targets=parse_targets(latest[TARGETS].body) if TARGETS in latest else Targets(()),
        metrics=metrics,
        mentored=mentored,
        plans=tuple(
            PlansVersion(document.version, document.effective_from, parse_plans(document.body))
            for document in ordered
            if document.kind == PLANS
        ),
        versions={kind: document.version for kind, document in latest.items()},
    )


_PARSERS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    ROSTER: parse_roster,
    PLAYBOOK: parse_playbook,
    TARGETS: parse_targets,
    PLANS: parse_plans,
}
