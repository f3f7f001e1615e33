"""The alert rules speak of metrics that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared import yaml12

ROOT = Path(__file__).resolve().parents[2]
RULES = [
    rule
    for group in yaml12.load((ROOT / "deploy/monitoring/alerts.yaml").read_bytes())["groups"]
    for rule in group["rules"]
]
NAME = re.compile(r"samenspel_[a-z_]+")


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_speaks_of_a_metric_that_there_is_and_says_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    code = "".join(path.read_text() for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py"))
    for name in NAME.findall(str(rule["expr"])):
        assert f'"{name}"' in code
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"]
