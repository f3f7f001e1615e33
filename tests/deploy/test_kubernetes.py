"""The manifests for a cluster run the processes of the compose file, with its settings, and let nobody be root."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/kubernetes"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
PLAN = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
FOUND = [one for name in PLAN["resources"] for one in yaml.safe_load_all((FOLDER / name).read_text())]
DEPLOYMENTS = [one for one in FOUND if one["kind"] == "Deployment"]
GENERATED = {one["name"]: [text.partition("=")[0] for text in one["literals"]] for one in PLAN["configMapGenerator"]}


def containers() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each container under the name of its process in the compose file."""
    for deployment in DEPLOYMENTS:
        service = deployment["metadata"]["name"]
        for one in deployment["spec"]["template"]["spec"]["containers"]:
            yield "ingest-asker" if one["name"] == "asker" else f"{service}-{one['name']}", one


CONTAINERS = dict(containers())
OURS = sorted(name for name, one in COMPOSE.items() if one.get("image") == "samenspel:local")


def names_of(container: dict[str, Any]) -> set[str]:
    """Return the settings that a container is given, whether as a value or as a file."""
    generated = [name for source in container.get("envFrom", ()) for name in GENERATED[source["configMapRef"]["name"]]]
    return {name.removesuffix("_FILE") for name in [*generated, *(each["name"] for each in container["env"])]}


def test_every_process_is_there() -> None:
    assert sorted(CONTAINERS) == OURS


@pytest.mark.parametrize("name", OURS)
def test_a_process_runs_as_in_the_compose_file(name: str) -> None:
    assert CONTAINERS[name]["args"] == COMPOSE[name]["command"]
    wanted = {each.removesuffix("_FILE") for each in COMPOSE[name]["environment"]}
    assert wanted - {"SAMENSPEL_LOG_LEVEL", "INGEST_KEEP_PAYLOADS_DAYS"} <= names_of(CONTAINERS[name])


@pytest.mark.parametrize("name", OURS)
def test_a_process_is_watched_and_bounded(name: str) -> None:
    one = CONTAINERS[name]
    assert {"startupProbe", "livenessProbe"} <= one.keys()
    assert ("readinessProbe" in one) == name.endswith("-web")
    assert {"cpu", "memory"} == one["resources"]["requests"].keys()
    assert "memory" in one["resources"]["limits"]


def test_nobody_is_root_and_nothing_can_be_written_but_what_must() -> None:
    hardened: dict[str, Any] = {}
    for patch in PLAN["patches"]:
        spec = yaml.safe_load((FOLDER / patch["path"]).read_text())["spec"]["template"]["spec"]
        hardened |= {one["name"]: one["securityContext"] for one in spec.get("containers", ())}
    assert hardened.keys() == {one["name"] for one in CONTAINERS.values()}
    for context in hardened.values():
        assert context["readOnlyRootFilesystem"]
        assert not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_services_survive_the_loss_of_a_node() -> None:
    several = {one["metadata"]["name"] for one in DEPLOYMENTS if one["spec"]["replicas"] > 1}
    budgets = {one["metadata"]["name"] for one in FOUND if one["kind"] == "PodDisruptionBudget"}
    assert several == budgets == {"ingest", "scoring", "leaderboard", "commission"}
