"""The payroll document: employers with their wage components, and who is on whose payroll."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.commission.domain.employers import AFAS, HIGHEST, LAYOUTS, LOKET, NMBRS, Employer, Employment, Payroll
from shared.contracts.documents import ID, Day, Part, load, twice
from shared.contracts.league import BadDocument, Problem

PAYROLL = "payroll"

_NUMBER = validate.Regexp(r"^[0-9]{1,12}$(?!\n)", error="is no number of digits, as the payroll package shows it: 120")
_CODE = validate.Regexp(r"^[A-Za-z0-9]{1,16}$(?!\n)", error="is no wage component: letters and digits, such as 5100")
_DIGITS = re.compile(r"[0-9]{1,12}")
_NMBRS_CODE = re.compile(r"L?[0-9]{1,6}")

NEEDED: Mapping[str, Mapping[str, str]] = {
    NMBRS: {"debtor": "Debiteurnr stands in the first column"},
    LOKET: {"shift": "ploeg stands in the third column; it is 1 where there is one"},
    AFAS: {"period_table": "@PtId names the period table"},
}
"""What a layout needs beside the company number, and why."""


class _Employer(Part):
    id = fields.String(required=True, validate=ID)
    name = fields.String(required=True, validate=validate.Length(1, 100))
    layout = fields.String(required=True, validate=validate.OneOf(LAYOUTS))
    number = fields.String(required=True, validate=_NUMBER)
    period_type = fields.String(required=True, validate=validate.OneOf(tuple(HIGHEST)))
    currency = fields.String(
        load_default="EUR", validate=validate.Regexp(r"^[A-Z]{3}$(?!\n)", error="is no ISO 4217 currency: EUR")
    )
    components = fields.Dict(
        keys=fields.String(), values=fields.String(validate=_CODE), required=True, validate=validate.Length(1)
    )
    debtor = fields.String(load_default=None, validate=_NUMBER)
    shift = fields.String(load_default=None, validate=_NUMBER)
    period_table = fields.String(load_default=None, validate=_NUMBER)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Employer:
        """Build the dataclass."""
        return Employer(**data)


class _Employment(Part):
    rep = fields.String(required=True, validate=ID)
    employer = fields.String(required=True, validate=ID)
    number = fields.String(required=True, validate=_NUMBER)
    start = Day(required=True, data_key="from")
    end = Day(load_default=None, data_key="to")
    contract = fields.String(load_default=None, validate=_NUMBER)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Employment:
        """Build the dataclass."""
        return Employment(**data)


class PayrollSchema(Part):
    """The body of a payroll document."""

    employers = fields.List(fields.Nested(_Employer), required=True, validate=validate.Length(1))
    employments = fields.List(fields.Nested(_Employment), required=True)


def parse_payroll(body: Mapping[str, Any], *, strict: bool = True) -> Payroll:
    """Read a payroll document's body; BadDocument names every problem at once."""
    said = load(PAYROLL, PayrollSchema(), body, strict=strict)
    employers, employments = said["employers"], said["employments"]
    problems = [
        *twice("/employers", [one.id for one in employers]),
        *_missing(employers),
        *_strange_components(employers),
        *_unknown_employers(employers, employments),
        *_overlaps(employments),
    ]
    if problems:
        raise BadDocument(PAYROLL, problems)
    return Payroll({one.id: one for one in employers}, tuple(employments))


def _missing(employers: Iterable[Employer]) -> Iterator[Problem]:
    for i, one in enumerate(employers):
        for name, why in NEEDED.get(one.layout, {}).items():
            if getattr(one, name) is None:
                yield Problem(f"/employers/{i}/{name}", f"is needed by {one.layout}: {why}")


def _strange_components(employers: Iterable[Employer]) -> Iterator[Problem]:
    for i, one in enumerate(employers):
        for kind, code in one.components.items():
            if one.layout in (LOKET, AFAS) and not _DIGITS.fullmatch(code):
                yield Problem(f"/employers/{i}/components/{kind}", f"{one.layout} numbers its wage components: 5100")
            if one.layout == NMBRS and not _NMBRS_CODE.fullmatch(code):
                yield Problem(f"/employers/{i}/components/{kind}", "Nmbrs names a wage component 5100 or L5100")


def _unknown_employers(employers: Iterable[Employer], employments: Iterable[Employment]) -> Iterator[Problem]:
    known = {one.id for one in employers}
    for i, employment in enumerate(employments):
        if employment.employer not in known:
            yield Problem(f"/employments/{i}/employer", f"{employment.employer!r} is none of the employers")
        if employment.end is not None and employment.end <= employment.start:
            yield Problem(f"/employments/{i}/to", "is not after from: it is the first day that no longer counts")


def _overlaps(employments: Iterable[Employment]) -> Iterator[Problem]:
    placed = sorted(enumerate(employments), key=lambda pair: (pair[1].rep, pair[1].start))
    for (_, one), (i, after) in pairwise(placed):
        if one.rep == after.rep and (one.end is None or one.end > after.start):
            yield Problem(f"/employments/{i}/from", f"{one.rep} is on another payroll then: end that one first")


class PayrollDocument(Schema):
    """One version of the payroll document."""

    version = fields.Integer(required=True)
    author = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    body = fields.Nested(PayrollSchema, required=True)
