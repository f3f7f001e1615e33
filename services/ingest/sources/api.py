"""Plain JSON: one activity or an array of them, in the words of this project."""

from collections.abc import Sequence
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.results import Sent
from services.ingest.schemas.activities import read as read_claims
from services.ingest.sources import Delivery, json_of, refuse_large_batch
from shared.errors import Malformed, UnsupportedMedia

NAME = "api"


def recognises(delivery: Delivery) -> bool:
    """Tell whether this is plain JSON."""
    kind = delivery.content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def read(delivery: Delivery) -> list[Sent]:
    """Read one activity or an array; raises Malformed, TooLarge, UnsupportedMedia."""
    if not recognises(delivery):
        raise UnsupportedMedia(
            f"send application/json or a CloudEvent, not {delivery.content_type or 'a body without a content type'}"
        )
    body = json_of(delivery.body)
    if isinstance(body, list):
        return read_items(refuse_large_batch(body))
    if not isinstance(body, dict):
        raise Malformed("the body is neither an object (one activity) nor an array of objects")
    return read_items([body])


def read_items(items: Sequence[Any]) -> list[Sent]:
    """Read activities that are parsed already; places are kept."""
    return [_sent(item, claim) for item, claim in zip(items, read_claims(items), strict=True)]


def _sent(item: Any, claim: Claim | list[Any]) -> Sent:
    if isinstance(claim, Claim):
        return Sent(claim.id, item, (claim,))
    name = item.get("id") if isinstance(item, dict) else None
    return Sent(name[:200] if isinstance(name, str) else None, None, problems=tuple(claim))
