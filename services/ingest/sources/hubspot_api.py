"""HubSpot's API: deals with the history of their properties, work, and owners' e-mail addresses.

Documented: `POST /crm/v3/objects/{type}/batch/read` with `inputs`, `properties` and `propertiesWithHistory`; 207 with
`errors[].context.ids` for objects that are not there; `GET /crm/v3/owners/{id}`; 429 beyond the limits of the account.
At most 100 inputs a request, 50 with history. History entries carry `value`, `timestamp`, `sourceType`, `sourceId`.
Not verified on a live account: whether a merged deal's history stands under the id that was asked for, how many entries
are kept of a property, and the property that says when a task was completed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.ingest.domain.asking import meaning as plain_meaning
from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources.apis import OWNER, Answer, Found, Request, misread, parsed, seconds, told, untold, work
from services.ingest.sources.fields import Unreadable, instant_of_text, name_of
from services.ingest.sources.hubspot import deals
from shared.contracts.times import from_text

NAME = "hubspot api"
OBJECTS = {"deal": 50, "call": 100, "meeting": 100, "task": 100, "email": 100, OWNER: 1}

_WORK = {
    "call": "hs_timestamp hubspot_owner_id hs_call_status hs_call_duration hs_call_direction hs_call_disposition",
    "meeting": "hs_timestamp hubspot_owner_id hs_meeting_outcome hs_meeting_start_time",
    "task": "hs_timestamp hubspot_owner_id hs_task_status hs_task_completion_date",
    "email": "hs_timestamp hubspot_owner_id hs_email_direction hs_email_status",
}
_OUTCOMES = {
    "COMPLETED": [("meeting", "held", "")],
    "NO_SHOW": [("meeting-no-show", "no-show", "")],
    "CANCELED": [("meeting-cancelled", "cancelled", "updatedAt")],
}
"""What a meeting's outcome makes of it: type, end of its business key, the field that says when (else: its start)."""

_DIRECTIONS = {"INBOUND": "inbound", "OUTBOUND": "outbound"}


def headers(token: str) -> Mapping[str, str]:
    """Show who asks: the token of a private app, or of OAuth."""
    return {"authorization": f"Bearer {token}"}


def request(kind: str, ids: list[str], _connection: Connection) -> Request:
    """Ask for objects, or for an owner."""
    if kind == OWNER:
        return Request(f"/crm/v3/owners/{ids[0]}?idProperty=id")
    fields = (
        {"propertiesWithHistory": list(deals.PROPERTIES)} if kind == "deal" else {"properties": _WORK[kind].split()}
    )
    return Request(f"/crm/v3/objects/{kind}s/batch/read", {"inputs": [{"id": each} for each in ids], **fields})


def meaning(answer: Answer) -> str:
    """Return what a status means; HubSpot has no meanings of its own."""
    return plain_meaning(answer.status, answer.headers)


def read(kind: str, ids: list[str], answer: Answer, connection: Connection) -> Found:
    """Read objects or an owner; what was neither found nor reported (a merged object) counts as gone."""
    body = parsed(answer)
    if kind == OWNER:
        email = body.get("email")
        return Found(owners={ids[0]: email}) if email else Found(gone=frozenset(ids))
    results = body["results"]
    sent = [each for result in results for each in _sent(kind, result, connection)]
    return Found(tuple(sent), gone=frozenset(ids) - {str(result["id"]) for result in results})


def read_again(raw: Any, connection: Connection) -> list[Sent]:
    """Read one thing again as it was stored: the record of a deal, one entry of its history, or a record of work."""
    if "entry" in raw:
        return list(
            _history(raw["id"], {raw["property"]: [raw["entry"]]}, raw, raw["entry"].get("timestamp"), connection)
        )
    names = raw.get("properties") or {}
    kind = next((each for each in _WORK if any(name.startswith(f"hs_{each}_") for name in names)), "deal")
    return list(_sent(kind, raw, connection))


def _sent(kind: str, result: Mapping[str, Any], connection: Connection) -> Iterator[Sent]:
    if kind == "deal":
        deal_id, history = str(result["id"]), result.get("propertiesWithHistory") or {}
        yield from _history(deal_id, history, result, result.get("updatedAt"), connection)
    else:
        name = f"api:{kind}:{result['id']}@{result.get('updatedAt')}"
        yield _READERS[kind](name, result, result.get("properties") or {}, connection)


def _history(deal_id: str, history: Mapping[str, Any], raw: Any, at: Any, connection: Connection) -> Iterator[Sent]:
    """Read every change of a deal as the notification of it would be read, so that it is the same claim.

    One that cannot be used is a thing of its own, and takes no other with it.
    """
    claims: list[Claim] = []
    for name, entry in _entries(history):
        try:
            moment = instant_of_text(entry.get("timestamp"), "/timestamp")
            happening = deals.Happening(connection, deal_id, moment, name_of(entry.get("sourceId")))
            claims += deals.changed(happening, name, entry.get("value"))
        except Unreadable as error:
            alone = {"objectType": "deals", "id": deal_id, "property": name, "entry": entry}
            yield Sent(f"api:deal:{deal_id}:{name}@{entry.get('timestamp')}", alone, problems=(error.problem,))
    if claims:
        yield Sent(f"api:deal:{deal_id}@{at}", raw, tuple(claims))


def _entries(history: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((name, entry) for name in history if name in deals.PROPERTIES for entry in history[name])


def _owner(said: Mapping[str, Any], connection: Connection) -> str | None:
    owner = said.get("hubspot_owner_id")
    return connection.owner(str(owner)) if owner else None


def _call(name: str, raw: Mapping[str, Any], said: Mapping[str, Any], connection: Connection) -> Sent:
    if said.get("hs_call_status") != "COMPLETED":
        return untold(name, raw, f"a call counts once it is completed; its status is {said.get('hs_call_status')}")
    data = {
        "duration_s": seconds(said.get("hs_call_duration")),
        "direction": _DIRECTIONS.get(str(said.get("hs_call_direction"))),
        "outcome": said.get("hs_call_disposition"),
    }
    return told(
        name, raw, [work(f"call:{raw['id']}", "call", said.get("hs_timestamp"), _owner(said, connection), data)]
    )


def _meeting(name: str, raw: Mapping[str, Any], said: Mapping[str, Any], connection: Connection) -> Sent:
    """Read a meeting: booked where it was made before it began, and what came of it."""
    starts, made = said.get("hs_meeting_start_time") or said.get("hs_timestamp"), raw.get("createdAt")
    try:
        ahead = from_text(str(made)) < from_text(str(starts))
    except ValueError:
        return misread(name, raw, "/properties/hs_meeting_start_time", starts, "an instant with its zone")
    outcome = str(said.get("hs_meeting_outcome"))
    events = [("meeting-booked", "booked", made)] if ahead else []
    events += [(kind, suffix, raw.get(at) or starts) for kind, suffix, at in _OUTCOMES.get(outcome, ())]
    owner = _owner(said, connection)
    items = [work(f"meeting:{raw['id']}:{suffix}", kind, at, owner) for kind, suffix, at in events]
    return told(name, raw, items) if items else untold(name, raw, f"a meeting that is {outcome} is no work done yet")


def _task(name: str, raw: Mapping[str, Any], said: Mapping[str, Any], connection: Connection) -> Sent:
    if said.get("hs_task_status") != "COMPLETED":
        return untold(name, raw, f"a task counts once it is completed; its status is {said.get('hs_task_status')}")
    done = said.get("hs_task_completion_date") or raw.get("updatedAt")
    return told(name, raw, [work(f"task:{raw['id']}", "task", done, _owner(said, connection))])


def _email(name: str, raw: Mapping[str, Any], said: Mapping[str, Any], connection: Connection) -> Sent:
    if said.get("hs_email_direction") != "EMAIL" or said.get("hs_email_status") not in {None, "SENT"}:
        return untold(name, raw, "only an e-mail that was sent out is work done")
    return told(name, raw, [work(f"email:{raw['id']}", "email", said.get("hs_timestamp"), _owner(said, connection))])


_READERS = {"call": _call, "meeting": _meeting, "task": _task, "email": _email}
