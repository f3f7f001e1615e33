"""The league as the leaderboard sees it: who stands on a board, with how much FTE and what target."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from math import lcm
from zoneinfo import ZoneInfo

from services.leaderboard.domain.boards import IN_TEAM, PER_FTE, REPS, TEAMS, TOTAL, Board, Row, rounded
from shared.contracts.contest_places import competing
from shared.contracts.contests import Contest
from shared.contracts.league import PLAYBOOK, ROSTER, TARGETS, LeagueDocument
from shared.contracts.playbook import Label, Metric, Playbook, parse_playbook
from shared.contracts.rhythm import Best, First, Milestone, Streak
from shared.contracts.roster import Membership, Rep, Roster, Team, parse_roster
from shared.contracts.targets import Targets, parse_targets
from shared.money import round_half_up
from shared.periods import Period

Prize = Streak | First | Best | Milestone

_CACHED_SHARES = 512
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class League:
    """The documents, read: `stamp` changes whenever one of them does.

    `roster` and `targets` are the latest versions; `metrics`, `contests`, `prizes` and the `texts` of rules are those
    of all playbooks, a later version's word over an earlier one's, so that old boards keep their units.
    """

    stamp: int
    documents: tuple[LeagueDocument, ...] = ()
    roster: Roster | None = None
    targets: Targets | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    contests: Mapping[str, Contest] = field(default_factory=dict)
    prizes: Mapping[str, Prize] = field(default_factory=dict)
    texts: Mapping[str, Label] = field(default_factory=dict)
    _shares: dict[tuple[str, str], Mapping[str, Fraction]] = field(default_factory=dict, compare=False, repr=False)
    _rosters: dict[int, Roster] = field(default_factory=dict, compare=False, repr=False)
    _competing: dict[str, Mapping[str, Fraction]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def holidays(self) -> frozenset[date]:
        """The days on which nobody is expected to work."""
        return self.roster.organisation.holidays if self.roster else frozenset()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin; UTC as long as there is no roster."""
        return self.roster.zone if self.roster else _UTC

    def roster_at(self, at: datetime) -> Roster | None:
        """Return the roster that was known at an instant, else the first one there was."""
        versions = [document for document in self.documents if document.kind == ROSTER]
        known = [document for document in versions if document.recorded_at <= at] or versions[:1]
        if not known:
            return None
        if known[-1].version not in self._rosters:
            self._rosters[known[-1].version] = parse_roster(known[-1].body)
        return self._rosters[known[-1].version]

    def competing(self, contest: Contest) -> Mapping[str, Fraction]:
        """Return who competes, with their FTE-days, by the roster that was known when the contest began."""
        roster = self.roster_at(contest.start)
        if contest.id not in self._competing and roster is not None:
            self._competing[contest.id] = competing(contest, roster)
        return self._competing.get(contest.id, {})

    def name(self, board: Board, member: str) -> str:
        """Return the full name of a team or rep on the board; its id when the roster does not know it."""
        if self.roster is None:
            return member
        known: Mapping[str, Team | Rep] = self.roster.teams if board.scope == TEAMS else self.roster.reps
        return known[member].name if member in known else member

    def shares(self, board: Board) -> Mapping[str, Fraction]:
        """Return each member of the board's scope with its FTE over the period (see `fte`)."""
        if self.roster is None:
            return {}
        key = (board.period_id, board.scope)
        if key not in self._shares:
            if len(self._shares) >= _CACHED_SHARES:
                self._shares.clear()
            self._shares[key] = fte(self.roster, board.period, board.scope)
        return self._shares[key]

    def target(self, board: Board, member: str) -> Fraction | None:
        """Return the member's target for exactly this period, in the metric's smallest unit."""
        metric = self.metrics.get(board.metric)
        if self.targets is None or metric is None:
            return None
        of = self.targets.of_team if board.scope == TEAMS else self.targets.of_rep
        amount = of(member, board.metric, board.period)
        return None if amount is None else Fraction(amount) * 10**metric.decimals

    def denominators(self, board: Board) -> dict[str, Fraction | None]:
        """Return by what each member's amount is divided for the board's measure.

        None: the member stands on the board and cannot be compared (no FTE, no target or zero).
        """
        shares = self.shares(board)
        if board.by == TOTAL:
            return dict.fromkeys(shares, Fraction(1))
        if board.by == PER_FTE:
            return {member: share or None for member, share in shares.items()}
        return {member: self.target(board, member) or None for member in shares}


def row(league: League, board: Board, rank: int | None, member: str, amount: int) -> Row:
    """Return a member's standing with everything it can be measured by."""
    share, target = league.shares(board).get(member), league.target(board, member)
    return Row(
        rank=rank,
        id=member,
        amount=amount,
        fte=None if share is None else rounded(share, 4),
        per_fte=rounded(amount / share, 2) if share else None,
        target=None if target is None else round_half_up(target),
        attainment=rounded(amount / target, 4) if target else None,
    )


def read_league(stamp: int, documents: Iterable[LeagueDocument]) -> League:
    """Read the documents that the standings keep; BadDocument when one cannot be used."""
    ordered = tuple(sorted(documents, key=lambda document: (document.kind, document.version)))
    latest = {document.kind: document for document in ordered}
    playbooks = [parse_playbook(document.body) for document in ordered if document.kind == PLAYBOOK]
    return League(
        stamp=stamp,
        documents=ordered,
        roster=parse_roster(latest[ROSTER].body) if ROSTER in latest else None,
        targets=parse_targets(latest[TARGETS].body) if TARGETS in latest else None,
        metrics={name: metric for playbook in playbooks for name, metric in playbook.metrics.items()},
        contests={contest.id: contest for playbook in playbooks for contest in playbook.contests},
        prizes={prize.id: prize for playbook in playbooks for prize in playbook.rhythm.prizes},
        texts={name: text for playbook in playbooks for name, text in _texts(playbook)},
    )


def _texts(playbook: Playbook) -> Iterator[tuple[str, Label]]:
    yield from ((rule.id, rule.text) for rule in playbook.rules)
    yield from playbook.rhythm.texts()


def check(document: LeagueDocument) -> None:
    """Raise BadDocument when the standings could not use the document."""
    read_league(0, [document])


def fte(roster: Roster, period: Period, scope: str) -> dict[str, Fraction]:
    """Return who stands in `scope` in the period, and with how many FTE.

    FTE of a rep = sum over the memberships of fte x (days of the membership in the period) /
    (days of the period); of a team = the sum over its members. The whole period counts, also the
    part that is still to come: who joins halfway counts half. A membership of 0 FTE stands as well.
    """
    shares: dict[str, Fraction] = {}
    for rep, membership in _memberships(roster, scope):
        days = _days(membership, period)
        if days:
            member = membership.team if scope == TEAMS else rep
            share = Fraction(membership.fte) * Fraction(days, (period.last - period.first).days)
            shares[member] = shares.get(member, Fraction(0)) + share
    return shares


def whole(denominators: Mapping[str, Fraction | None]) -> dict[str, int]:
    """Scale the denominators to whole numbers in the same ratio; 0 where there is none.

    An amount divided by a whole number is the same binary fraction for equal values, so that ties
    stay ties as long as amount and denominator are below 2^53.
    """
    scale = lcm(*(value.denominator for value in denominators.values() if value))
    return {
        member: value.numerator * (scale // value.denominator) if value else 0 for member, value in denominators.items()
    }


def knows_scope(league: League, scope: str) -> bool:
    """Tell whether the scope is one of the league's: teams, reps, or one of its teams."""
    team = scope.removeprefix(IN_TEAM)
    known = league.roster.teams if league.roster else {}
    return scope in (TEAMS, REPS) or (scope.startswith(IN_TEAM) and team in known)


def _memberships(roster: Roster, scope: str) -> Iterator[tuple[str, Membership]]:
    for rep in roster.reps.values():
        for membership in rep.memberships:
            if scope in (TEAMS, REPS) or scope == IN_TEAM + membership.team:
                yield rep.id, membership


def _days(membership: Membership, period: Period) -> int:
    last = period.last if membership.end is None else min(membership.end, period.last)
    return max(0, (last - max(membership.start, period.first)).days)
