"""Limits over windows: what the events of a rep's (or team's) day, week or longer may count together.

A window is a pure function of all that asks to count in it, sorted by when it happened: so neither the order of arrival
nor the partition that an event came through leaves a trace.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.scoring.domain.league import League
from services.scoring.domain.rules import Due, Key, Verdict
from services.scoring.domain.sharing import Window, owner_of
from shared.contracts.limits import REP, TEAM, Cap
from shared.contracts.playbook import Metric, Rule
from shared.contracts.rules import CORRECTED, OVERLAY
from shared.money import round_half_up
from shared.periods import of_day

ONCE, STEP, CAP = "once", "step", "cap"


class Held(NamedTuple):
    """What held an amount down: the kind of limit, its figure (share or most, usual units), its period and owner."""

    kind: str
    figure: str
    every: str
    per: str
    by: str


class Candidate(NamedTuple):
    """What asks to count in a window; `values` are those of the rule's once-fields."""

    subject: str
    key: Key
    due: Due
    values: tuple[str, ...]
    window: str


class Allowed(NamedTuple):
    """What a candidate counts for, and what held it down (None: nothing)."""

    amount: int
    held: Held | None = None


Place = tuple[str, Key]
"""A candidate's identity: its subject and key."""


def candidates(subject: str, verdict: Verdict, league: League) -> list[Candidate]:
    """Return what a subject's verdict asks to count, each with the window that it counts in."""
    return [
        Candidate(subject, key, limited.due, limited.values, window_of(key, limited.due.playbook, league))
        for key, limited in verdict.limited.items()
    ]


def window_of(key: Key, playbook: int, league: League) -> str:
    """Return the name of the window that a key counts in: the rules that share it, the owner, the period."""
    edition = league.numbered(playbook)
    window = edition.windows[key.rule] if edition else Window(key.rule, REP, "day")
    return f"{window.name}|{owner_of(window, key.rep, key.team)}|{of_day(league.day(key.at), window.every).id}"


def allow(asking: Iterable[Candidate], league: League) -> dict[Place, Allowed]:
    """Return what each candidate of one window counts for.

    Per event first the once-limits, then the steps, then every cap; rounded to the metric's smallest unit, halves up.
    """
    tally = _Tally(league)
    in_order = sorted(asking, key=lambda one: (one.key.at, one.due.activity, one.subject, one.key))
    return {(one.subject, one.key): tally.take(one) for one in in_order}


def settle(subject: str, verdict: Verdict, allowed: Mapping[Place, Allowed], league: League) -> dict[Key, Due]:
    """Return what is due of a subject: what has no limits, what limits leave, what mentors and contests add on top."""
    due = dict(verdict.due)
    for key, limited in verdict.limited.items():
        amount = allowed[subject, key].amount
        if amount:
            due[key] = limited.due._replace(amount=amount)
    on_top = dict(_overlays(due, league)) if league.mentors else {}
    if league.multiplied:
        on_top |= dict(_multiplied(due, league))
    return due | on_top


def _multiplied(due: Mapping[Key, Due], league: League) -> Iterable[tuple[Key, Due]]:
    """Yield what contests add to what the rules give: the factor less one, rounded once, halves away from zero."""
    for key, one in due.items():
        edition = league.numbered(one.playbook) if key.rule != CORRECTED else None
        for contest in edition.playbook.contests if edition else ():
            if contest.metric == key.metric and contest.covers(key.at, key.rep, key.team):
                amount = round_half_up(one.amount * (contest.factor(key.rule) - 1))
                if amount:
                    yield key._replace(rule=f"{key.rule}~{contest.id}"), one._replace(amount=amount)


def _overlays(due: Mapping[Key, Due], league: League) -> Iterable[tuple[Key, Due]]:
    for key, one in due.items():
        edition = league.numbered(one.playbook)
        share = edition.mentor_shares.get(key.rule) if edition else None
        mentor = league.mentor_of(key.rep, key.at) if share else None
        team = league.team_of(mentor, key.at) if mentor else None
        amount = round_half_up(one.amount * share) if share else 0
        if mentor and team and amount:
            yield Key(key.rule + OVERLAY, key.metric, mentor, team, key.at), one._replace(amount=amount)


@dataclass
class _Tally:
    """What has counted so far in one window."""

    league: League
    seen: dict[tuple[str, ...], str] = field(default_factory=dict)
    numbers: dict[tuple[str, ...], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    used: dict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(int))

    def take(self, one: Candidate) -> Allowed:
        edition = self.league.numbered(one.due.playbook)
        rule = edition.rule(one.key.rule) if edition else None
        if edition is None or rule is None:
            return Allowed(one.due.amount)
        day = self.league.day(one.key.at)
        held = self._once(rule, one, day)
        if held:
            return Allowed(0, held)
        amount, held = self._stepped(rule, one, day)
        for cap in edition.caps.get(rule.id, ()):
            amount, held = self._capped(cap, edition.playbook.metrics[one.key.metric], one, day, (amount, held))
        for cap in edition.caps.get(rule.id, ()):
            if cap.metric == one.key.metric and amount > 0:
                self.used[_place(cap, one.key, day)] += amount
        return Allowed(amount, held)

    def _once(self, rule: Rule, one: Candidate, day: date) -> Held | None:
        """Notice an event whose like has counted already: the whole event, whatever it gives."""
        for i, (once, value) in enumerate(zip(rule.limits.once, one.values, strict=False)):
            period = of_day(day, once.every).id
            first = self.seen.setdefault((rule.id, str(i), one.key.rep, value, period), one.due.activity)
            if first != one.due.activity:
                return Held(ONCE, once.field, once.every, "rep", first)
        return None

    def _stepped(self, rule: Rule, one: Candidate, day: date) -> tuple[int, Held | None]:
        steps = rule.limits.steps
        if steps is None:
            return one.due.amount, None
        counted = self.numbers[rule.id, one.key.rep, of_day(day, steps.every).id]
        number = counted.setdefault(one.due.activity, len(counted) + 1)
        share = steps.share(number)
        held = None if share == 1 else Held(STEP, str(share), steps.every, "rep", str(number))
        return round_half_up(one.due.amount * share), held

    def _capped(
        self, cap: Cap, metric: Metric, one: Candidate, day: date, so_far: tuple[int, Held | None]
    ) -> tuple[int, Held | None]:
        amount, _ = so_far
        if cap.metric != one.key.metric or amount <= 0:
            return so_far
        left = max(metric.smallest(cap.most) - self.used[_place(cap, one.key, day)], 0)
        return so_far if amount <= left else (left, Held(CAP, str(cap.most), cap.every, cap.per, cap.id))


def _place(cap: Cap, key: Key, day: date) -> tuple[str, ...]:
    return cap.id, key.team if cap.per == TEAM else key.rep, of_day(day, cap.every).id
