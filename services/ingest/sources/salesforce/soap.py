"""Outbound messages: SOAP with up to 100 notifications, each the state of one record as it is sent.

XML is read without document types, entities or anything external. The session id, which may open the whole of
Salesforce, is dropped before anything else sees the message. A notification is kept as an object: SENT_AS and the
fields of its record as text, null where the message has `xsi:nil`.
"""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from services.ingest.sources import Delivery, Reply
from services.ingest.sources.fields import Unreadable, id_of, object_in
from services.ingest.sources.salesforce.facts import STATE, Facts, instant_of
from services.ingest.sources.salesforce.ids import long_form
from shared.errors import Malformed

SENT_AS = ("OrganizationId", "ActionId")
NOTIFICATION = "Notification"
MOST = 100
"""Notifications in one message; whatever holds more does not come from Salesforce."""

_AROUND = 20
"""What else may stand beside them."""

_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_LONGEST_NAMESPACE = 200
_MOMENTS = ("LastModifiedDate", "SystemModstamp")
_TYPES = ("text/xml", "application/xml", "application/soap+xml")

ACKNOWLEDGED = Reply(
    "text/xml; charset=utf-8",
    (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}"><soapenv:Body>'
        f'<notificationsResponse xmlns="{_OUTBOUND.strip("{}")}"><Ack>true</Ack></notificationsResponse>'
        "</soapenv:Body></soapenv:Envelope>"
    ).encode(),
)
"""Covers every notification of a message, so it is given when all of them are stored, and only then."""


class _Parser(DefusedXMLParser):
    """Reads no document type, and no long namespace: it would be written out again for every element in it."""

    def __init__(self) -> None:
        """Refuse what could grow."""
        super().__init__(forbid_dtd=True)
        self.parser.StartNamespaceDeclHandler = self._refuse_long

    def _refuse_long(self, _prefix: str | None, uri: str | None) -> None:
        if len(uri or "") > _LONGEST_NAMESPACE:
            raise ValueError("a namespace that long is none of Salesforce's")


def is_soap(delivery: Delivery) -> bool:
    """Tell whether a request is XML: it says so, or its body begins like it."""
    kind = delivery.content_type.partition(";")[0].strip().lower()
    return kind in _TYPES or delivery.body.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


def message_of(body: bytes) -> Element:
    """Return the `notifications` of a body; raises Malformed."""
    try:
        parser = _Parser()
        parser.feed(body)
        root = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Malformed(f"the body is not XML that can be read here: {type(error).__name__}") from error
    found = root.find(f"{{{_ENVELOPE}}}Body/{_OUTBOUND}notifications")
    if root.tag != f"{{{_ENVELOPE}}}Envelope" or found is None:
        raise Malformed("the body is no outbound message: there are no notifications in it")
    if len(found) > MOST + _AROUND:
        raise Malformed(f"an outbound message holds at most {MOST} notifications")
    return found


def organisation_of(message: Element) -> str:
    """Return the id of the organisation that a message names, or an empty text."""
    return message.findtext(f"{_OUTBOUND}OrganizationId", "").strip()


def items_of(message: Element) -> list[dict[str, Any]]:
    """Return each notification as an object, with what the message says of itself."""
    common = {name: message.findtext(f"{_OUTBOUND}{name}", "").strip() for name in SENT_AS}
    return [
        {**common, NOTIFICATION: {"Id": _text(found.find(f"{_OUTBOUND}Id")), "sObject": _record(found)}}
        for found in message.findall(f"{_OUTBOUND}{NOTIFICATION}")
    ]


def is_notification(item: Mapping[str, Any]) -> bool:
    """Tell whether an object is a notification as `items_of` gives it."""
    return isinstance(item.get(NOTIFICATION), dict)


def name_of_notification(item: Mapping[str, Any]) -> str:
    """Return the id that a notification keeps however often it is sent; Unreadable without one."""
    return id_of(item[NOTIFICATION].get("Id"), f"/{NOTIFICATION}/Id")


def facts(item: Mapping[str, Any]) -> Facts:
    """Return what a notification says of its record; raises Unreadable."""
    record = object_in(item[NOTIFICATION].get("sObject"))
    fields = {name: value for name, value in record.items() if name != "type"}
    return state(id_of(record.get("type"), f"/{NOTIFICATION}/sObject/type"), fields, name_of_notification(item))


def state(entity: str, fields: Mapping[str, Any], name: str | None = None) -> Facts:
    """Return what the state of a record says, from a notification or from the REST API; raises Unreadable.

    Without a `name`, the record and the moment of its last change make the saying unique.
    """
    record = long_form(fields.get("Id"), "/Id")
    moment = next((each for each in _MOMENTS if fields.get(each)), None)
    if moment is None:
        raise Unreadable(f"/{_MOMENTS[0]}", None, "when the record was last changed: add the field to what is sent")
    at = instant_of(fields[moment], f"/{moment}")
    return Facts(entity, record, STATE, name or f"{record}@{at.isoformat()}", at, fields)


def _record(notification: Element) -> dict[str, Any] | None:
    """Return a record's fields and its type; fields that have parts themselves are left out."""
    found = notification.find(f"{_OUTBOUND}sObject")
    if found is None:
        return None
    fields = {_local(field.tag): _text(field) for field in found if not len(field)}
    return {"type": found.get(f"{_XSI}type", "").rpartition(":")[2], **fields}


def _text(element: Element | None) -> str | None:
    if element is None or element.get(f"{_XSI}nil") in {"true", "1"}:
        return None
    return (element.text or "").strip()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
