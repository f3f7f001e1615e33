"""Pack activities into records of the bus."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.contracts import wire


def packed(lines: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[int, str, bytes]]:
    """Give (partition, key, record) for lines in wire form with their partition; order is kept within a partition.

    The key of a record is that of its first line; what counts is the partition.
    """
    groups: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for partition, line in lines:
        groups[partition].append(line)
    for partition, group in groups.items():
        for record in wire.encode("activities", group):
            yield partition, key_of(group[0]), record


def key_of(line: Mapping[str, Any]) -> str:
    """Return the bus key of an activity in wire form: the deal's id, else the rep's."""
    deal = line.get("deal")
    return str(deal["id"] if deal else line["rep"] or "")
