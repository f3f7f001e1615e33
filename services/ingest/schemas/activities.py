"""Activities as they are sent to the front door."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Nested

from services.ingest.domain import claims
from services.ingest.domain.claims import Claim
from services.ingest.schemas.fields import Amount, Count, Moment, Scalars, Text
from services.ingest.schemas.straight import straight
from services.ingest.schemas.work import DATA, TYPES, unconventional
from shared.contracts.activity import STATUSES
from shared.errors import FieldProblem

LONGEST_ID = 420
"""A CloudEvents source and id fit beside each other, and both fit in a database index."""

ABSENT = "(absent)"
MOST_PROBLEMS = 25
"""Of one item: an answer must not grow far beyond its request."""

_LONGEST_ECHO = 200


class _Strict(Schema):
    class Meta:
        """Refuse what is not known: at the door it is a typo."""

        unknown = RAISE

    def __init__(self, **kwargs: Any) -> None:
        """Let the refusal of an unknown field name the known ones."""
        super().__init__(**kwargs)
        known = ", ".join(self.declared_fields)
        self.error_messages = {"type": f"an object with {known}", "unknown": f"no such field; known are: {known}"}


class DealSchema(_Strict):
    """What changed in a deal: only the fields that are said; null clears one."""

    id = Text("the deal's id in the CRM: text of at most 200 characters", required=True)
    stage = Text("the stage's id in the playbook, or null", longest=100, allow_none=True)
    status = Text(f"one of {', '.join(STATUSES)}", pattern="|".join(STATUSES))
    amount = Amount('an exact amount of at most 15 digits and 4 decimals, such as "1234.50", or null', allow_none=True)
    currency = Text("an ISO 4217 code such as EUR, or null", pattern="[A-Z]{3}", allow_none=True)
    name = Text("the deal's name: text of at most 300 characters, or null", longest=300, allow_none=True)
    pipeline = Text("the pipeline's id in the playbook, or null", longest=100, allow_none=True)


class ActivitySchema(_Strict):
    """One fact from outside: a call, a meeting, an e-mail, or a change of a deal."""

    id = Text(
        f"the sender's own id of this event: text of at most {LONGEST_ID} characters", longest=LONGEST_ID, required=True
    )
    type = Text(
        "a kind of activity in small letters, such as deal, call or meeting",
        about=TYPES,
        pattern=r"[a-z0-9][a-z0-9._-]{0,63}",
        required=True,
    )
    occurred_at = Moment(
        "an RFC 3339 instant with its zone from 1970 to 2099, such as 2026-11-24T14:52:00+01:00", required=True
    )
    owner = Text(
        "whose work it was: an e-mail address, a CRM owner id or a rep id; for a deal also null", allow_none=True
    )
    actor = Text("who clicked, in the sender's own words, or null", allow_none=True)
    deal = Nested(
        DealSchema, allow_none=True, metadata={"description": "the deal it is about; required when type is deal"}
    )
    data = Scalars(
        "a flat object: names of at most 64 characters with texts (at most 2,000 characters), whole numbers "
        "(at most 2^53; larger ones as text), fractions, booleans or nulls",
        about=DATA,
        allow_none=True,
    )
    sequence = Count("a whole number from 0: the later one of two facts of the same instant has the higher number")


class _SaidDeal(DealSchema):
    """A deal in the CRM's own words."""

    stage = Text("the CRM's stage: text of at most 200 characters, or null", allow_none=True)
    pipeline = Text("the CRM's pipeline: text of at most 200 characters, or null", allow_none=True)
    status = Text(
        f"one of {', '.join(STATUSES)}, or null where a deletion is undone", pattern="|".join(STATUSES), allow_none=True
    )


class _Said(ActivitySchema):
    """A fact in the CRM's own words, before its mapping is applied."""

    type = Text("the CRM's type of activity: text of at most 200 characters", required=True)
    deal = Nested(_SaidDeal, allow_none=True)


_SCHEMA = ActivitySchema(many=True)
_STRAIGHT = straight(ActivitySchema())
_SAID = _Said()
_SAID_STRAIGHT = straight(_SAID)


def read(items: Sequence[Any]) -> list[Claim | list[FieldProblem]]:
    """Read each item as a claim, or list every problem of it; places are kept."""
    in_order = [_STRAIGHT(item) for item in items]
    if None not in in_order:
        return [_read(item) for item in in_order if item]
    try:
        return [_read(item) for item in _SCHEMA.load(items)]
    except ValidationError as error:
        loaded: Any = error.valid_data
        messages: Mapping[Any, Any] = error.messages_dict
    return [
        list(islice(problems(messages[i], items[i]), MOST_PROBLEMS)) if i in messages else _read(loaded[i])
        for i in range(len(items))
    ]


def doubts(claim: Claim) -> list[FieldProblem]:
    """List what in a claim of a source in sources/ could not be kept, in the same words as for everyone."""
    form = claims.to_json(claim)
    try:
        said = _SAID_STRAIGHT(form) or _SAID.load(form)
    except ValidationError as error:
        return list(islice(problems(error.messages_dict, form), MOST_PROBLEMS))
    return [*claims.misfits(said), *unconventional(claim.type, claim.data)]


def _read(said: Mapping[str, Any]) -> Claim | list[FieldProblem]:
    return list(unconventional(said["type"], said.get("data"))) or claims.read(said)


def problems(messages: Any, value: Any, pointer: str = "") -> Iterator[FieldProblem]:
    """Turn marshmallow's messages about `value` into problems by JSON pointer."""
    if not isinstance(messages, Mapping):
        yield FieldProblem(pointer, echo(value), " ".join(messages))
        return
    for key, inner in messages.items():
        if key == "_schema":
            yield from problems(inner, value, pointer)
        else:
            yield from problems(inner, _inside(value, key), f"{pointer}/{key}")


def echo(value: Any) -> Any:
    """Return a small value as it is, the beginning of a long text, and only the kind of anything with parts.

    What comes from outside may be nested deeper than JSON can be written.
    """
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_ECHO else f"{value[:_LONGEST_ECHO]}…"
    if isinstance(value, Mapping | list):
        return f"({'an object' if isinstance(value, Mapping) else 'a list'} with {len(value)} parts)"
    return value


def _inside(value: Any, key: Any) -> Any:
    return value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT
