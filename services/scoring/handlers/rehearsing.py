"""Rehearse a playbook over days that have been; nothing is kept or handed on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.scoring.conditions import compile_all, prepared
from services.scoring.domain.league import Edition, League
from services.scoring.domain.rehearsal import Cell, Change, Rehearsal, Stretch, changes, named, reach, with_draft
from services.scoring.domain.rhythm import FIRST, first, first_prize
from services.scoring.domain.rules import Due, Key
from services.scoring.store.past import History, Past
from shared import periods
from shared.contracts.league import BadDocument
from shared.contracts.playbook import parse_playbook
from shared.contracts.rhythm import ORGANISATION
from shared.errors import FieldProblem, InvalidInput, NotFound
from shared.periods import midnight

LONGEST_DAYS = 400
DRAFT = 2**31
"""The version number of a draft: none has it."""
_LOOK_EVERY = 200


class BadDraft(InvalidInput):
    """The playbook cannot be rehearsed: it would be refused."""


class TooMuch(InvalidInput):
    """There is too much to compute for one answer."""


class NoVersion(NotFound):
    """There is no such version of the playbook, or no playbook and no roster at all."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be computed: activities in the days that have to be looked at, and whether time is up."""

    activities: int
    is_late: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rehearsal shows, beside the ledger: by team, rep, rule, and by rep and rule."""

    stretch: Stretch
    league: League
    draft: Edition
    looked_from: date
    activities: int
    subjects: int
    teams: list[Change]
    reps: list[Change]
    rules: list[Change]
    rep_rules: list[Change]

    @property
    def version(self) -> int | None:
        """The version of the playbook that was rehearsed; None for a draft."""
        return self.draft.version if self.draft.version < DRAFT else None


def draft_of(body: Any, league: League) -> Edition:
    """Return a draft as an edition with a number of its own; raises BadDraft with every problem."""
    if not isinstance(body, Mapping):
        raise BadDraft("a playbook is an object with metrics and rules")
    try:
        playbook = parse_playbook(body, strict=True)
    except BadDocument as error:
        problems = [FieldProblem(f"/draft{each.pointer}", None, each.message) for each in error.problems]
        raise BadDraft(problems=problems) from error
    return Edition(DRAFT, date.min, playbook, compile_all(playbook), prepared)


def numbered(version: int | None, league: League) -> Edition:
    """Return a version of the playbook (None: the latest); raises NoVersion."""
    known = max((edition.version for edition in league.editions), default=0)
    found = league.numbered(known if version is None else version)
    if found is None:
        raise NoVersion(f"there is no version {version} of the playbook; the latest is {known}")
    return found


def rehearse(draft: Edition, stretch: Stretch, league: League, history: History, bounds: Bounds) -> Outcome:
    """Return what the days of a stretch would hold under a draft; raises TooMuch, NoVersion."""
    if league.roster is None:
        raise NoVersion("hand in a roster first: its time zone says where days begin")
    _refuse_impossible(stretch)
    then, zone = with_draft(league, draft, stretch), league.roster.zone
    since = reach(then, stretch.first)
    start, end = midnight(stretch.first, zone), midnight(stretch.last, zone)
    with history.moment() as past:
        count = past.count(midnight(since, zone), end)
        if count > bounds.activities:
            said = f"{count} activities between {since} and {stretch.last}"
            raise TooMuch(f"{said}, and at most {bounds.activities} are computed at once: choose fewer days")
        rehearsal = Rehearsal(then, stretch)
        subjects = _take_all(past, (midnight(since, zone), end), rehearsal, bounds)
        draft_sums = rehearsal.sums(_derived(rehearsal, past, stretch, league))
        now_sums = past.sums(start, end)
    return _outcome(Outcome(stretch, then, draft, since, count, subjects, [], [], [], []), now_sums, draft_sums)


def _refuse_impossible(stretch: Stretch) -> None:
    length = (stretch.last - stretch.first).days
    if not 0 < length <= LONGEST_DAYS:
        raise TooMuch(f"from {stretch.first} up to and without {stretch.last}: choose 1 to {LONGEST_DAYS} days")


def _take_all(past: Past, bounds_of_time: Any, rehearsal: Rehearsal, bounds: Bounds) -> int:
    number = 0
    for number, (subject, facts) in enumerate(past.histories(*bounds_of_time), 1):
        rehearsal.take(subject, facts)
        if number % _LOOK_EVERY == 0 and bounds.is_late():
            raise TooMuch(f"time was up after {number} deals and activities: choose fewer days")
    rehearsal.finish()
    return number


def _derived(rehearsal: Rehearsal, past: Past, stretch: Stretch, league: League) -> Iterator[Mapping[Key, Due]]:
    """Yield what days make together, with the days before the stretch as they stand in the ledger."""
    then = rehearsal.league
    if not then.rhythm or then.roster is None:
        return
    start = midnight(stretch.first, then.roster.zone)
    yield from rehearsal.prizes(rehearsal.days(past.days_before(stretch.first, start, league)))
    for subject in rehearsal.firsts():
        name, period_id, owner = subject.removeprefix(FIRST).split(":", 2)
        period = periods.parse(period_id)
        prize = first_prize(name, period.first, then)
        if prize is None:
            continue
        whose = {} if prize.scope == ORGANISATION else {prize.scope: owner}
        if not past.standing(prize.metric, period.start(then.roster.zone), start, whose):
            yield first(prize, period.first, rehearsal.standing(prize.metric, (period.first, period.last), whose), then)


def _outcome(empty: Outcome, now: Mapping[Cell, int], draft: Mapping[Cell, int]) -> Outcome:
    rules = frozenset(rule.id for edition in empty.league.editions for rule in edition.playbook.rules)
    both = named(now, rules), named(draft, rules)
    shown = [changes(*both, by) for by in (("team",), ("rep",), ("rule",), ("rep", "rule"))]
    told = (empty.stretch, empty.league, empty.draft, empty.looked_from, empty.activities, empty.subjects)
    return Outcome(*told, *shown)


TABLES = (("teams", ("team",)), ("reps", ("rep",)), ("rules", ("rule",)), ("rep_rules", ("rep", "rule")))


def told(found: Outcome) -> dict[str, Any]:
    """Return an outcome in JSON-ready form."""
    known = {name: metric for edition in found.league.editions for name, metric in edition.playbook.metrics.items()}
    known |= found.draft.playbook.metrics

    def row(change: Change, by: Sequence[str]) -> dict[str, Any]:
        metric = known.get(change.metric)
        return {
            **dict(zip(by, change.id, strict=True)),
            "metric": change.metric,
            "unit": metric.unit if metric else None,
            "decimals": metric.decimals if metric else None,
            "now": change.now,
            "draft": change.draft,
            "difference": change.draft - change.now,
            "rank_now": change.rank_now,
            "rank_draft": change.rank_draft,
        }

    return {
        "first": found.stretch.first.isoformat(),
        "last": found.stretch.last.isoformat(),
        "zone": found.league.roster.zone.key if found.league.roster else "",
        "looked_from": found.looked_from.isoformat(),
        "playbook": found.version,
        "activities": found.activities,
        "subjects": found.subjects,
        **{name: [row(change, by) for change in getattr(found, name)] for name, by in TABLES},
    }
