"""The guide to plans: its example does what it says, and no field is left out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from marshmallow import Schema, fields

from services.commission.cli import cli
from services.commission.schemas.trial import TrialSchema
from shared.contracts.plans import PlansSchema

GUIDE = Path(__file__).parents[2] / "docs" / "plans.md"


def block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found, kind
    return found[1]


def names(schema: Schema) -> Iterator[str]:
    for name, field in schema.fields.items():
        yield field.data_key or name
        yield from nested(field)


def nested(field: Any) -> Iterator[str]:
    if isinstance(field, fields.Nested):
        yield from names(field.schema)
    elif isinstance(field, fields.List):
        yield from nested(field.inner)
    elif isinstance(field, fields.Dict):
        yield from nested(field.value_field)


def test_the_example_prints_what_the_guide_shows(tmp_path: Path) -> None:
    for name in ("plans", "results"):
        (tmp_path / name).write_text(block(f"yaml {name}"), encoding="utf-8")
    arguments = ["try", "--plans", str(tmp_path / "plans"), "--results", str(tmp_path / "results")]
    printed = CliRunner().invoke(cli, arguments)
    assert printed.exit_code == 0, printed.output
    assert printed.output.replace("\u00a0", " ").split("\n") == block("text").split("\n")


def test_every_field_stands_in_the_guide() -> None:
    words = set(re.findall(r"[a-z_]+", GUIDE.read_text(encoding="utf-8")))
    said = {*names(PlansSchema()), *names(TrialSchema())}
    assert said - words == set()
