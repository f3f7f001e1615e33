"""What Salesforce says about one record, whichever way it came."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.ingest.sources.fields import Unreadable, instant_of_ms, instant_of_text
from services.ingest.sources.salesforce.bitmaps import Told

CREATE, UPDATE, DELETE, UNDELETE, STATE = "CREATE", "UPDATE", "DELETE", "UNDELETE", "STATE"
"""What happened to the record; STATE: nothing is known but how it is."""

_AVRO = {"string", "boolean", "double", "float", "int", "long"}


@dataclass(frozen=True, slots=True)
class Facts:
    """One record: what of it was said (None: emptied), and when that was so.

    `name` makes the saying unique, `told` knows which fields changed, `order` goes up within one instant, `actor` is
    the user who did it.
    """

    entity: str
    record: str
    kind: str
    name: str
    at: datetime
    said: Mapping[str, Any]
    told: Told = field(default_factory=lambda: Told(None))
    order: int = 0
    actor: str | None = None

    @property
    def whole(self) -> bool:
        """Whether everything the record holds was said."""
        return self.kind in {CREATE, UNDELETE, STATE}

    def changed(self, name: str) -> bool | None:
        """Tell whether a field changed; None where that is not known."""
        return None if self.told.changed is None else name in self.told.changed


def plain(value: Any) -> Any:
    """Return a value without the name of its type, which Avro's JSON encoding puts around it."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _AVRO:
        return next(iter(value.values()))
    return value


def instant_of(value: Any, pointer: str) -> datetime:
    """Return an instant that is written as ISO 8601 (CometD, SOAP, REST) or in milliseconds (Pub/Sub)."""
    return instant_of_ms(value, pointer) if type(value) is int else instant_of_text(value, pointer)


def instant_or_none(value: Any) -> datetime | None:
    """Return an instant, or None when there is none."""
    try:
        return instant_of(value, "")
    except Unreadable:
        return None
