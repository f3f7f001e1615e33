"""Corrections are signed by who hands them in, and taken from those only who may correct."""

from collections.abc import Sequence
from dataclasses import replace

from services.ingest.domain.peculiar import SCOPE
from services.ingest.domain.results import Sent
from shared.contracts.activity import CORRECTION
from shared.errors import FieldProblem


def signed(sent: Sequence[Sent], author: str, scopes: frozenset[str]) -> list[Sent]:
    """Return what was sent with its corrections signed by their author, or refused for want of the scope."""
    return [_signed(each, author, scopes) if _corrects(each) else each for each in sent]


def _corrects(sent: Sent) -> bool:
    return any(claim.type == CORRECTION for claim in sent.claims)


def _signed(sent: Sent, author: str, scopes: frozenset[str]) -> Sent:
    if SCOPE not in scopes:
        expected = f"a type that this token may hand in: a correction needs the scope {SCOPE}"
        return Sent(sent.id, None, problems=(FieldProblem("/type", CORRECTION, expected),))
    return replace(sent, claims=tuple(replace(claim, actor=author) for claim in sent.claims))
