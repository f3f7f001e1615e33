"""The document `access`: how people sign in, and what an identity provider's groups mean here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.ingest.domain.accounts import ADMIN, MANAGER

ACCESS = "access"
"""The kind of document that says it; only the front door reads it, so it never travels."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Give the members of a group a role; `teams`: those that a manager leads, None: all."""

    group: str
    role: str
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """The identity provider of the organisation (OpenID Connect).

    `client_secret` is a reference in the document and the text itself once resolved. `creates`: whoever has a role by
    the rules gets an account at the first sign-in; else only those who have one may come in. `trusts_email`: the
    provider vouches for every address without saying so.
    """

    issuer: str
    client_id: str
    public_url: str
    label: Mapping[str, str]
    client_secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    groups_claim: str = "groups"
    algorithms: tuple[str, ...] = ("RS256", "ES256", "PS256")
    creates: bool = False
    trusts_email: bool = False
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """How people sign in; without passwords only admins may still use one, so that nobody locks everybody out."""

    passwords: bool = True
    provider: Provider | None = None

    def by_password(self, role: str) -> bool:
        """Tell whether somebody of that role may sign in by password."""
        return self.passwords or role == ADMIN


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whom an identity provider vouches for."""

    issuer: str
    subject: str
    email: str | None
    email_is_verified: bool
    name: str
    groups: tuple[str, ...]


def granted(rules: Iterable[Rule], groups: Iterable[str]) -> Rule | None:
    """Return what the groups give: the role of the first rule that fits, and all teams that rules of that role name."""
    held = frozenset(groups)
    fitting = [rule for rule in rules if rule.group in held]
    if not fitting:
        return None
    first = fitting[0]
    named = [rule.teams for rule in fitting if rule.role == first.role]
    if first.role != MANAGER or None in named:
        return Rule(first.group, first.role)
    return Rule(first.group, first.role, frozenset().union(*(teams or () for teams in named)))
