"""League documents over HTTP: versions, differences, every problem at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.sources.documents import from_yaml
from services.ingest.store import League
from shared.contracts.league import KINDS, LeagueDocument
from shared.errors import Malformed, Outdated

URL = "/ingest/v1/league"
AT = datetime(2026, 11, 24, tzinfo=UTC)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


def put(client: FlaskClient, kind: str, body: Any, query: str = "", **headers: str) -> Any:
    return client.put(f"{URL}/{kind}{query}", data=json.dumps(body), content_type="application/json", headers=headers)


def test_a_document_is_a_version_with_author_day_and_difference(
    new_client: Callable[..., FlaskClient], roster: dict[str, Any]
) -> None:
    client = new_client("hr", "league:write")
    first = put(client, "roster", roster)
    assert (first.status_code, first.headers["ETag"]) == (201, '"1"')
    roster["teams"][0]["name"] = "Team Noord"
    second = put(client, "roster", roster, "?effective_from=2026-12-01")
    assert second.get_json() == {
        "kind": "roster",
        "version": 2,
        "effective_from": "2026-12-01",
        "author": "hr",
        "recorded_at": "2026-11-24T14:00:00Z",
        "diff": ["team noord: name Noord → Team Noord"],
        "warnings": [],
    }


def test_the_identical_document_again_is_the_same_version(client: FlaskClient, roster: dict[str, Any]) -> None:
    put(client, "roster", roster)
    again = put(client, "roster", dict(reversed(roster.items())))
    assert (again.status_code, again.get_json()["version"], again.get_json()["diff"]) == (200, 1, [])
    assert len(client.get(f"{URL}/roster/versions").get_json()["versions"]) == 1


def test_versions_can_be_read_by_number_by_day_and_compared(client: FlaskClient, playbook: dict[str, Any]) -> None:
    put(client, "playbook", playbook, "?effective_from=2026-01-01")
    put(client, "playbook", {**playbook, "rules": []}, "?effective_from=2026-12-01")
    assert client.get(f"{URL}/playbook").get_json()["version"] == 2
    assert client.get(f"{URL}/playbook?version=1").get_json()["body"] == playbook
    assert client.get(f"{URL}/playbook?at=2026-11-30").get_json()["version"] == 1
    assert client.get(f"{URL}/playbook?at=2025-12-31").status_code == 404
    assert client.get(f"{URL}/playbook/diff").get_json() == {"from": 1, "to": 2, "diff": ["rule gesprek: gone"]}
    assert client.get(f"{URL}/playbook/diff?from=2&to=1").get_json()["diff"] == ["rule gesprek: new"]
    assert client.get(f"{URL}/playbook/diff?from=0&to=1").get_json()["diff"] == ["first version"]
    unchanged = client.get(f"{URL}/playbook", headers={"If-None-Match": '"2"'})
    assert unchanged.status_code == 304


def test_two_authors_do_not_overwrite_each_other(client: FlaskClient, roster: dict[str, Any]) -> None:
    assert put(client, "roster", roster, **{"If-None-Match": "*"}).status_code == 201
    changed = {**roster, "teams": roster["teams"][:1]}
    assert put(client, "roster", changed, **{"If-Match": '"1"'}).status_code == 201
    for headers in ({"If-Match": '"1"'}, {"If-Match": '"x"'}, {"If-Match": '"1", "2"'}, {"If-None-Match": "*"}):
        assert put(client, "roster", roster, **headers).status_code == 412


def test_of_authors_at_the_same_moment_one_is_kept(league: League, roster: dict[str, Any]) -> None:
    def add(n: int) -> LeagueDocument | None:
        body = {**roster, "teams": [{"id": "noord", "name": f"{n}"}, {"id": "zuid", "name": "Z"}]}
        try:
            return league.add("roster", date(2026, 1, 1), f"author {n}", body, AT, after=0)[0]
        except Outdated:
            return None

    with ThreadPoolExecutor(4) as pool:
        kept = [document for document in pool.map(add, range(4)) if document]
    assert [document.version for document in kept] == [1]
    assert league.versions("roster") == kept


def test_every_problem_of_a_document_is_named_at_once(client: FlaskClient, roster: dict[str, Any]) -> None:
    bad = copy.deepcopy(roster)
    bad["reps"][0]["memberships"][0]["from"] = "gisteren"
    bad["organisation"]["timezone"] = "Mars/Olympus"
    bad["tpyo"] = 1
    bad["effective_from"] = "soon"
    response = put(client, "roster", bad)
    assert response.status_code == 422
    told = {error["pointer"]: error["value"] for error in response.get_json()["errors"]}
    assert told == {
        "/reps/0/memberships/0/from": "gisteren",
        "/organisation/timezone": "Mars/Olympus",
        "/tpyo": 1,
        "/effective_from": "soon",
    }
    assert client.get(f"{URL}/roster").status_code == 404


def test_the_day_a_playbook_begins_must_be_said_and_may_stand_in_the_document(
    client: FlaskClient, playbook: dict[str, Any]
) -> None:
    (error,) = put(client, "playbook", playbook).get_json()["errors"]
    assert error["pointer"] == "/effective_from"
    inside = {"effective_from": "2026-02-01", **playbook}
    assert put(client, "playbook", inside).get_json()["effective_from"] == "2026-02-01"
    assert client.get(f"{URL}/playbook").get_json()["body"] == playbook
    assert put(client, "playbook", inside, "?effective_from=2026-03-01").status_code == 422


def test_yaml_is_read_by_the_rules_of_1_2(client: FlaskClient) -> None:
    yaml = b"""
targets:
  - {team: noord, metric: revenue, period: 2026-11, amount: 200000}
  - {rep: sanne, metric: revenue, period: 2026-Q4, amount: "61250.50"}
"""
    response = client.put(f"{URL}/targets", data=yaml, content_type="application/yaml")
    assert response.status_code == 201
    body = client.get(f"{URL}/targets").get_json()["body"]
    assert body["targets"][0] == {"team": "noord", "metric": "revenue", "period": "2026-11", "amount": 200000}
    assert from_yaml(b"{on: no, at: 12:30, day: 2026-11-24, 2026: 0.8, f: true, n: ~}") == {
        "on": "no", "at": "12:30", "day": "2026-11-24", "2026": 0.8, "f": True, "n": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "yaml", [b"a: &x 1\nb: *x", b"a: 1\na: 2", b"[1]: 2", b"a: !!python/name:os.system", b"a: [", b"[" * 5000, b"\xff"]
)
def test_yaml_that_is_ambiguous_or_dangerous_is_refused(yaml: bytes) -> None:
    with pytest.raises(Malformed):
        from_yaml(yaml)


def test_an_unknown_kind_and_media_type_are_named(client: FlaskClient) -> None:
    assert put(client, "rooster", {}).status_code == 404
    assert client.get(f"{URL}/rooster/versions").status_code == 404
    assert client.put(f"{URL}/roster", data=b"<a/>", content_type="application/xml").status_code == 415


def test_readers_may_not_write(new_client: Callable[..., FlaskClient], roster: dict[str, Any]) -> None:
    assert put(new_client("tv", "league:read"), "roster", roster).status_code == 403
    assert new_client("crm", "activities:write").get(f"{URL}/roster").status_code == 403


def test_names_missing_in_other_documents_are_a_warning(client: FlaskClient, roster: dict[str, Any]) -> None:
    put(client, "roster", roster)
    targets = {"targets": [{"team": "west", "metric": "revenue", "period": "2026-11", "amount": 1}]}
    response = put(client, "targets", targets)
    assert response.status_code == 201
    assert response.get_json()["warnings"] == [
        {
            "document": "targets",
            "pointer": "/targets/0/team",
            "message": "the roster has no team 'west'; there are: noord, zuid",
        }
    ]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), body=JSON, key=st.sampled_from(["reps", "rules", "targets", "plans", "pipelines"]))
def test_whatever_is_sent_as_a_document_is_kept_or_refused(client: FlaskClient, kind: str, body: Any, key: str) -> None:
    for document in (body, {key: body}, {key: [body]}):
        response = put(client, kind, document, "?effective_from=2026-01-01")
        assert response.status_code in {200, 201, 400, 422}


def test_a_contest_that_runs_keeps_its_rules(client: FlaskClient) -> None:
    label = {"nl": "x", "en": "x"}
    contest = {
        "id": "hour",
        "label": label,
        "from": "2026-11-24T14:00:00Z",
        "to": "2026-11-24T16:00:00Z",
        "metric": "points",
        "scope": "teams",
        "scoring": "total",
        "tie": "share",
        "published": True,
    }
    metric = {"id": "points", "unit": "points", "label": label}
    body = {"metrics": [metric], "rules": [], "contests": [contest]}
    assert put(client, "playbook", body, "?effective_from=2026-11-24").status_code == 201
    changed = {**body, "contests": [{**contest, "tie": "earlier"}]}
    refused = put(client, "playbook", changed, "?effective_from=2026-11-24")
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.get_json()["errors"]] == ["/contests/0"]
    assert put(client, "playbook", changed, "?effective_from=2026-11-25").status_code == 201


def test_a_mistake_in_yaml_is_named_with_its_line(client: FlaskClient) -> None:
    text = """# how we sell
metrics:
  - {id: points, unit: points, label: {nl: punten, en: points}}
rules:
  - id: a
    on: {activity: call}
    when: 'data.x >'
    credit:
      pionts: 5
    text: {nl: x, en: x}
"""
    refused = client.put(f"{URL}/playbook?effective_from=2026-12-01", data=text, content_type="application/yaml")
    found = {each["pointer"]: each["line"] for each in refused.get_json()["errors"]}
    assert found == {"/rules/0/on/activity": 6, "/rules/0/when": 7, "/rules/0/credit/pionts": 9}
    as_json = put(client, "playbook", {"metrics": [], "rules": []}, "?effective_from=2026-12-01")
    assert all("line" not in each for each in as_json.get_json()["errors"])
