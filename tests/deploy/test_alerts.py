"""The alert rules and the dashboard speak of metrics that there are, by labels that these have."""

from __future__ import annotations

import json
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
CODE = "".join(path.read_text() for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py"))
OF_EVERY_SAMPLE = {"process", "job", "le"}
DASHBOARD = json.loads((ROOT / "deploy/monitoring/dashboard.json").read_text())
QUESTIONS = [
    *(str(rule["expr"]) for rule in RULES),
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]),
]


def labels_of(metric: str) -> set[str]:
    """Return the labels of a metric, read from where it is made."""
    made = re.findall(rf'(?:counter|gauge|histogram)\(\s*"{metric}", "[^"]*"(?:, (\[[^\]]*\]|labels))?', CODE)
    assert made or metric == "samenspel_metrics_age_seconds", f"nobody makes {metric}"
    named = (["connection", "state"] if said == "labels" else json.loads(said or "[]") for said in made)
    return {label for labels in named for label in labels}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_speaks_of_a_metric_that_there_is_and_says_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert NAME.findall(str(rule["expr"]))
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_asked_of_prometheus_is_there(question: str) -> None:
    names = {name.removesuffix("_bucket") for name in NAME.findall(question)}
    assert names
    asked = {label for group in re.findall(r"by \(([^)]*)\)", question) for label in group.split(", ")}
    assert asked - OF_EVERY_SAMPLE <= set.union(*(labels_of(name) for name in names))


def test_every_panel_says_what_it_shows_and_none_covers_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        assert panel["description"]
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
