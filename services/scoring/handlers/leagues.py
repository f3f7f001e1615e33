"""The league, read from its documents."""

from collections.abc import Sequence
from datetime import datetime

from services.scoring.conditions import compile_all, prepared
from services.scoring.domain.league import Edition, League
from services.scoring.store import Reader
from shared.contracts.credit import Credit
from shared.contracts.league import PLAYBOOK, ROSTER, TARGETS, LeagueDocument
from shared.contracts.playbook import parse_playbook
from shared.contracts.roster import parse_roster
from shared.contracts.targets import Targets, parse_targets

LATEST = 2**31
KEPT = 8
"""Leagues kept in memory: the present one, and those of rosters that were asked for lately."""


def build_league(number_now: int, versions: Sequence[LeagueDocument]) -> League:
    """Build the league from every document version there is."""
    rosters = [v for v in versions if v.kind == ROSTER]
    latest = max(rosters, key=lambda v: v.version, default=None)
    return League(
        number=number_now,
        editions=tuple(_edition(v) for v in versions if v.kind == PLAYBOOK),
        roster=parse_roster(latest.body) if latest else None,
        roster_version=latest.version if latest else 0,
    )


def _edition(version: LeagueDocument) -> Edition:
    playbook = parse_playbook(version.body)
    return Edition(version.version, version.effective_from, playbook, compile_all(playbook), prepared)


class Leagues:
    """The league, read again only when there is another document; old ones are as they were."""

    def __init__(self, reader: Reader) -> None:
        """Read nothing yet."""
        self._reader = reader
        self._built: dict[tuple[int, int], League] = {}
        self._targets: tuple[int, Targets] | None = None

    def targets(self) -> Targets:
        """Return the latest targets; none where there is no such document."""
        number = self._reader.league_number()
        if self._targets is None or self._targets[0] != number:
            versions = [v for v in self._reader.documents() if v.kind == TARGETS]
            latest = max(versions, key=lambda v: v.version, default=None)
            self._targets = number, parse_targets(latest.body) if latest else Targets(())
        return self._targets[1]

    def now(self) -> League:
        """Return the league as it is."""
        return self._as_of(LATEST)

    def then(self, line: Credit) -> League:
        """Return the league with the roster that a line was written with."""
        return self._as_of(line.roster)

    def frozen(self, at: datetime) -> League:
        """Return the league with the roster that was known at an instant, else the first one there was."""
        rosters = [v for v in self._reader.documents() if v.kind == ROSTER]
        known = [v.version for v in rosters if v.recorded_at <= at] or [v.version for v in rosters[:1]]
        return self._as_of(max(known, default=LATEST))

    def _as_of(self, roster: int) -> League:
        number = self._reader.league_number()
        if (number, roster) not in self._built:
            versions = [v for v in self._reader.documents() if v.kind != ROSTER or v.version <= roster]
            kept = list(self._built.items())[-KEPT:]
            self._built = {**dict(kept), (number, roster): build_league(number, versions)}
        return self._built[number, roster]
