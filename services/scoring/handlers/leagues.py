"""The league, read from its documents."""

from collections.abc import Sequence

from services.scoring.conditions import compile_all
from services.scoring.domain.league import Edition, League
from shared.contracts.league import PLAYBOOK, ROSTER, LeagueDocument
from shared.contracts.playbook import parse_playbook
from shared.contracts.roster import parse_roster


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
    return Edition(version.version, version.effective_from, playbook, compile_all(playbook))
