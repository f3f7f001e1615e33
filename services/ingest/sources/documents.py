"""Documents as they are sent: JSON, or YAML read by its 1.2 rules.

YAML 1.1, which the library follows by default, turns `on:` and `no:` into booleans, 12:30 into 750 and days into dates;
here only true and false are booleans, and everything else that is no number is text. Two keys of the same name and
aliases (which can blow a small file up without end) are refused.
"""

import re
from typing import Any

import orjson
import yaml

from shared.errors import Malformed, UnsupportedMedia

_JSON = re.compile(r"application/([^;\s]+\+)?json")
_YAML = re.compile(r"(application|text)/(x-|vnd\.)?yaml")


class _Loader(yaml.SafeLoader):
    """YAML 1.2 without aliases."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the library fills it per class

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases and tags."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
            raise Malformed(f"line {event.start_mark.line + 1}: aliases (*name) and tags (!name) cannot be used here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """Refuse a key that stands there twice, or is no text."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                what = f"{key.value!r} stands here twice" if isinstance(key, yaml.ScalarNode) else "a key must be text"
                raise Malformed(f"line {key.start_mark.line + 1}: {what}")
            seen.add(key.value)
            key.tag = "tag:yaml.org,2002:str"  # 2026: as a key is a name, as in JSON
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("int", r"-?(0|[1-9][0-9]{0,17})", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


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
