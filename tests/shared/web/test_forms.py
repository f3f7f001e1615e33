"""Addresses and forms of pages: the schema checks them, and what cannot be used is said by name."""

from __future__ import annotations

import marshmallow as ma
import pytest
from flask import Flask

from shared.errors import InvalidInput
from shared.web import forms


class Asked(ma.Schema):
    """What a page may be asked for."""

    number = ma.fields.Integer(load_default=0)
    since = ma.fields.Date(data_key="from")
    month = ma.fields.String(required=True, validate=ma.validate.Length(7, 7))


USUAL = {"month": "2026-11"}
QUERIES = {
    "": ({"number": 0, "month": "2026-11"}, set()),
    "month=&from=": ({"number": 0, "month": "2026-11"}, set()),
    "month=+2026-10+&lang=nl&done=released": ({"number": 0, "month": "2026-10"}, set()),
    "month=x&number=3": ({"number": 3, "month": "2026-11"}, {"month"}),
    "number=x&from=y": ({"number": 0, "month": "2026-11"}, {"number", "from"}),
    "nonsense=1&number=3": ({"number": 3, "month": "2026-11"}, {"nonsense"}),
}


@pytest.mark.parametrize("asked", QUERIES)
def test_a_page_is_shown_for_what_can_be_used_and_says_what_cannot(asked: str) -> None:
    found, wrong = QUERIES[asked]
    with Flask(__name__).test_request_context(f"/?{asked}"):
        said, problems = forms.query(Asked(), USUAL)
    assert said == found
    assert set(problems) == wrong


def test_a_form_is_refused_field_by_field() -> None:
    sent = {"number": "x", "month": " ", "once": "k", "other": "1"}
    with (
        Flask(__name__).test_request_context(method="POST", data=sent),
        pytest.raises(InvalidInput) as refused,
    ):
        forms.form(Asked(), beside=lambda name: name == "once")
    assert {each.pointer for each in refused.value.problems} == {"/number", "/month", "/other"}


def test_an_address_keeps_what_was_asked_but_for_what_is_taken_away() -> None:
    said = {"rep": "a b", "status": "", "after": 3}
    assert forms.address("/inbox", said, after=None, before=0) == "/inbox?rep=a+b&before=0"
    assert forms.address("/inbox", {}, after=None) == "/inbox"
