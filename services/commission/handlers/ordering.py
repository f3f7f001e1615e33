"""In which forms a run can be exported."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from services.commission.domain.batches import Export
from services.commission.domain.paylines import PayLine
from services.commission.handlers.booking import Documents, booked
from services.commission.handlers.exporting import Order
from shared.errors import FieldProblem, InvalidInput

JSON, PAYROLL = "json", "payroll"


@dataclass(frozen=True, slots=True)
class Document:
    """A file."""

    name: str
    content_type: str
    body: bytes


def as_json(export: str, lines: Sequence[PayLine]) -> Sequence[Document]:
    """Write the lines as one JSON document, for programs."""
    body = json.dumps({"export": export, "lines": [asdict(line) for line in lines]}, indent=1, sort_keys=True)
    return [Document(f"{export}.json", "application/json", body.encode())]


def order_of(form: str, periods: Mapping[str, str], documents: Documents, at: datetime) -> Order:
    """Return how an export in a form is written; InvalidInput for a form that is not offered.

    `periods` names the payroll period that is open at each employer; the day of `at` decides who employs a payee.
    """
    if form == JSON:
        return Order(form, as_json)
    if form == PAYROLL:
        return Order(form, partial(booked, documents, periods, at.date()))
    raise InvalidInput("that form is not offered", [FieldProblem("/format", form, f"one of {JSON}, {PAYROLL}")])


def order_against(taken_back: Export, periods: Mapping[str, str], documents: Documents) -> Order:
    """Return how an export is taken back: in its own form, from those who employed the payees when it was made."""
    return order_of(taken_back.format, periods, documents, taken_back.at)
