"""Documents as they are sent: JSON, or YAML read by its 1.2 rules.

Two keys of the same name and aliases (which can blow a small file up without end) are refused.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import orjson
import yaml

from shared.errors import FieldProblem, Malformed, UnsupportedMedia
from shared.yaml12 import Loader

_JSON = re.compile(r"application/([^;\s]+\+)?json")
_YAML = re.compile(r"(application|text)/(x-|vnd\.)?yaml")


class _Loader(Loader):
    """YAML 1.2 without aliases and tags."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases and tags."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
            raise Malformed(f"line {event.start_mark.line + 1}: aliases (*name) and tags (!name) cannot be used here")
        return super().compose_node(parent, index)


def read(content_type: str, body: bytes) -> Any:
    """Parse a document by its content type; raises Malformed or UnsupportedMedia."""
    kind = content_type.partition(";")[0].strip().lower()
    if _JSON.fullmatch(kind):
        return from_json(body)
    if _YAML.fullmatch(kind):
        return from_yaml(body)
    raise UnsupportedMedia(f"send application/json or application/yaml, not {kind or 'a body without a content type'}")


def from_json(body: bytes) -> Any:
    """Parse JSON; raises Malformed."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the document is not JSON: {error}") from error


def from_yaml(body: bytes) -> Any:
    """Parse YAML into what JSON can say; raises Malformed."""
    try:
        return yaml.load(body, Loader=_Loader)  # noqa: S506  a SafeLoader, stricter still
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Malformed(f"the document is not YAML: {' '.join(str(error).split())}") from error


def at_lines(problems: Iterable[FieldProblem], content_type: str, body: bytes) -> list[FieldProblem]:
    """Return the problems of a document with the lines they stand on; of JSON they have none."""
    if not _YAML.fullmatch(content_type.partition(";")[0].strip().lower()):
        return list(problems)
    root = yaml.compose(body, Loader=_Loader)
    return [replace(problem, line=_line_of(root, problem.pointer.split("/")[1:])) for problem in problems]


def _line_of(node: Any, path: Sequence[str]) -> int | None:
    """Return the line of the part that a path leads to, or of the last part on the way that is there."""
    if node is None:
        return None
    line: int = node.start_mark.line + 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == step]
        elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
            pairs = [(node.value[int(step)], node.value[int(step)])]
        else:
            pairs = []
        if not pairs:
            return line
        key, node = pairs[0]
        line = key.start_mark.line + 1
    return line
