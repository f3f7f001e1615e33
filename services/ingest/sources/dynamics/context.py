"""RemoteExecutionContext, as Dataverse posts it: what was done to which record, with typed values.

`InputParameters` holds what the message said (the Target: only what changed), images hold the whole record where the
step registers some. `ParentContext` is the message that led to this one, told once more: it is never read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest.sources.fields import Unreadable, digest_of, id_of, instant_of_ms, name_of, object_in

CREATE, UPDATE, DELETE = "Create", "Update", "Delete"

_GUID = re.compile(r"\{?([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?", re.IGNORECASE)
_DATE = re.compile(r"/Date\(([0-9]{1,15})(?:[+-][0-9]{4})?\)/")


@dataclass(frozen=True, slots=True)
class Reference:
    """A lookup: the kind of record it points to, its id, and its name where that is told."""

    kind: str
    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Context:
    """One message about one record.

    `said` holds what the message itself said, `known` that and the image of the record afterwards, `before` the image
    of it before. `parameters` are those that are neither. `name` makes the message unique, `order` goes up within one
    second. `cut` tells that the message was too large and its content was left out.
    """

    message: str
    entity: str
    record: str
    name: str
    order: int
    said: Mapping[str, Any]
    known: Mapping[str, Any]
    before: Mapping[str, Any]
    parameters: Mapping[str, Any]
    operation_at: Any
    actor: str | None
    cut: bool

    @property
    def at(self) -> datetime:
        """When it happened: when the record was changed or made, else when the operation was.

        Dataverse writes the moment of an operation with an offset by which some of its versions have shifted it; there
        it may be off by that offset, so it is the last thing to be believed.
        """
        for held, names in ((self.known, ("modifiedon", "createdon")), (self.before, ("modifiedon",))):
            for name in names:
                if held.get(name) is not None:
                    return moment_of(held[name], f"/{name}")
        return moment_of(self.operation_at, "/OperationCreatedOn")


def read(body: Mapping[str, Any]) -> Context:
    """Read a context; raises Unreadable."""
    listed = body.get("InputParameters")
    parameters = {key: _typed(value) for key, value in _pairs(listed)}
    target = parameters.pop("Target", None)
    said = target if isinstance(target, dict) else {}
    images = [attributes_of(image) for _, image in _pairs(body.get("PostEntityImages"))]
    after = {key: value for image in images for key, value in image.items()}
    before = {
        key: value for _, image in _pairs(body.get("PreEntityImages")) for key, value in attributes_of(image).items()
    }
    message = id_of(body.get("MessageName"), "/MessageName")
    record = guid_of(body.get("PrimaryEntityId"), "/PrimaryEntityId")
    return Context(
        message=message,
        entity=id_of(body.get("PrimaryEntityName"), "/PrimaryEntityName"),
        record=record,
        name=name_of_message(body),
        order=_order(body.get("OperationCreatedOn")),
        said=said,
        known={**after, **said},
        before=before,
        parameters=parameters,
        operation_at=body.get("OperationCreatedOn"),
        actor=name_of(body.get("InitiatingUserId")),
        cut=not isinstance(listed, list),
    )


def name_of_message(body: Mapping[str, Any]) -> str:
    """Return what makes a message unique: a plug-in may change the same record twice in one operation.

    The content is part of it; raises Unreadable when the operation or the record is not named.
    """
    names = [id_of(body.get(name), f"/{name}") for name in ("OperationId", "MessageName", "PrimaryEntityId")]
    said = digest_of(body.get("InputParameters"))[:16]
    return ":".join((*names, str(body.get("Stage"))[:9], said))


def attributes_of(entity: Any) -> dict[str, Any]:
    """Return an entity's attributes with their values as Python has them."""
    return {key: _typed(value) for key, value in _pairs(object_in(entity).get("Attributes"))}


def guid_of(value: Any, pointer: str) -> str:
    """Return a record's id in small letters and without braces; Unreadable when it is none."""
    match = _GUID.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unreadable(pointer, value, "the id of a record")
    return match[1].lower()


def moment_of(value: Any, pointer: str) -> datetime:
    """Return the instant of `/Date(ms)/`; an offset in it says where somebody was, not when it happened."""
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unreadable(pointer, value, "an instant such as /Date(1506384247000)/")
    return instant_of_ms(match[1], pointer)


def _typed(value: Any) -> Any:
    """Return a value without the shell of its type: a choice is its number, money its amount, a lookup a Reference."""
    if not isinstance(value, dict):
        return value
    kind = str(value.get("__type", "")).partition(":")[0]
    if kind in {"OptionSetValue", "Money"}:
        return value.get("Value")
    if kind == "EntityReference" or (not kind and "LogicalName" in value and "Attributes" not in value):
        return _reference(value)
    return attributes_of(value) if "Attributes" in value else value


def _reference(value: Mapping[str, Any]) -> Reference | None:
    name = value.get("Name")
    try:
        found = guid_of(value.get("Id"), "/Id")
    except Unreadable:
        return None
    return Reference(str(value.get("LogicalName")), found, name if isinstance(name, str) else None)


def _pairs(listed: Any) -> list[tuple[str, Any]]:
    pairs = listed if isinstance(listed, list) else []
    return [
        (pair["key"], pair.get("value")) for pair in pairs if isinstance(pair, dict) and type(pair.get("key")) is str
    ]


def _order(operation_at: Any) -> int:
    match = _DATE.fullmatch(operation_at) if isinstance(operation_at, str) else None
    return int(match[1]) if match else 0
