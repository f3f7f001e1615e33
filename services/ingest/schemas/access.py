"""The document `access`: passwords, the identity provider, what its groups mean."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from services.ingest.domain.access import ACCESS, Access, Provider, Rule
from services.ingest.domain.accounts import MANAGER, ROLES
from services.ingest.schemas.connections import Reference, Url
from shared.contracts.documents import ID, Part, load
from shared.contracts.labels import label

_LINE = validate.Regexp(r"^[^\x00-\x1f\x7f]{1,200}\Z", error="must be text of at most 200 characters on one line")
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those with a key pair: with a shared secret whoever knows it could sign, and `none` proves nothing."""


class _Rule(Part):
    group = fields.String(required=True, validate=_LINE)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    teams = fields.List(fields.String(validate=ID), validate=validate.Length(1, 200))

    @validates_schema
    def fits(self, data: Mapping[str, Any], **_: Any) -> None:
        """Only managers lead teams; those who lead all say so by `teams` left out."""
        if "teams" in data and data["role"] != MANAGER:
            raise ValidationError("only a manager leads teams", "teams")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Rule:
        teams = data.get("teams")
        return Rule(data["group"], data["role"], None if teams is None else frozenset(teams))


class _Provider(Part):
    issuer = Url(whole=True, required=True)
    client_id = fields.String(required=True, validate=_LINE)
    client_secret = Reference(load_default=None, allow_none=True)
    public_url = Url(whole=False, required=True)
    label = label()
    scopes = fields.List(fields.String(validate=_LINE), validate=validate.Length(max=20))
    groups_claim = fields.String(validate=_LINE)
    algorithms = fields.List(fields.String(validate=validate.OneOf(_ALGORITHMS)), validate=validate.Length(1))
    creates = fields.Boolean()
    trusts_email = fields.Boolean()
    rules = fields.List(fields.Nested(_Rule), validate=validate.Length(max=500))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Provider:
        lists: dict[str, Any] = {name: tuple(data[name]) for name in ("scopes", "algorithms", "rules") if name in data}
        if "openid" not in lists.get("scopes", ("openid",)):
            raise ValidationError("must hold openid: without it there is no id_token", "scopes")
        return Provider(**{**data, **lists})


class AccessSchema(Part):
    """The body of a document of access."""

    passwords = fields.Boolean(load_default=True)
    oidc = fields.Nested(_Provider, load_default=None, allow_none=True)


def parse_access(body: Mapping[str, Any], *, strict: bool = False) -> Access:
    """Read a document of access; BadDocument names every problem."""
    found: dict[str, Any] = load(ACCESS, AccessSchema(), body, strict=strict)
    return Access(found["passwords"], found["oidc"])
