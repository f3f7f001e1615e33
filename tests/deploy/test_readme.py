"""The README cannot lie about the chain: its picture and its tables are held against the topics, the files and make."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import yaml

from shared.topics import TOPICS, Topic

ROOT = Path(__file__).parents[2]
EDGE = re.compile(r"^\s*(\w+) (?:--|-\.) (.+?) (?:-->|\.->) (\w+)")
SERVICES = {"ingest", "scoring", "leaderboard", "commission"}


@cache
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def picture() -> set[tuple[str, str, str]]:
    """Return the picture's arrows between services: from, topic, to."""
    drawn = re.findall(r"```mermaid\n(.*?)```", readme(), re.DOTALL)[0].splitlines()
    arrows = [found.groups() for line in drawn if (found := EDGE.match(line))]
    return {(start, topic, end) for start, topic, end in arrows if {start, end} <= SERVICES}


def chain() -> Iterator[tuple[str, str, str]]:
    """Yield what the topics table says: producer, topic, consumer."""
    for topic in TOPICS.values():
        for producer in topic.producer.split(", "):
            for consumer in topic.consumers:
                yield producer, topic.name, consumer


def kept(retention: timedelta | None) -> str:
    return "for ever" if retention is None else f"{retention.days} days"


def row(topic: Topic) -> list[str]:
    readers = ", ".join(topic.consumers) or "an operator"
    return [f"`{topic.name}`", topic.producer, readers, topic.key, str(topic.partitions), kept(topic.retention)]


def test_the_picture_draws_the_chain_as_it_is() -> None:
    assert picture() == set(chain())


def test_a_wrong_picture_would_be_noticed() -> None:
    assert picture() - {("ingest", "activities", "scoring")} != set(chain())


def test_the_table_of_topics_is_the_one_in_the_code() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in readme().splitlines() if "|" in line]
    told = [cells for cells in rows if cells[0].strip("`") in TOPICS]
    assert told == [row(topic) for topic in TOPICS.values()]


def test_every_service_of_the_picture_has_its_containers() -> None:
    containers = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    drawn = {service for start, _, end in picture() for service in (start, end)}
    assert {f"{service}-{part}" for service in drawn for part in ("web", "consumer")} <= set(containers)


def test_it_counts_the_containers_of_our_own() -> None:
    containers = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    ours = [name for name, made in containers.items() if made["image"] == "samenspel:local"]
    numbers = ("eight", "nine", "ten", "eleven", "twelve")
    assert re.findall(r"each of the (\w+) processes", readme()) == [numbers[len(ours) - 8]]


def test_every_file_that_it_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", readme())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_that_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)\b", readme()))
    assert {"run", "test"} <= named <= targets


def test_every_folder_of_the_tree_that_it_shows_is_there() -> None:
    tree = re.findall(r"```tree\n(.*?)```", readme(), re.DOTALL)[0]
    paths = [line.split()[0].rstrip("/") for line in tree.splitlines() if line.strip()]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_setting_that_it_names_is_read_somewhere() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("shared", "services", "deploy", "tests/engines")
        for path in (ROOT / folder).rglob("*.py")
    )
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:SAMENSPEL|INGEST|SCORING|COMMISSION)_[A-Z_]+[A-Z]\b", readme()))
    assert named
    assert [name for name in sorted(named) if name not in code and name not in compose] == []
