"""YAML by its 1.2 rules.

YAML 1.1, which the library follows by default, turns `on:` and `no:` into booleans, 12:30 into 750 and days into dates;
here only true and false are booleans, and everything else that is no number is text. Keys are text, as in JSON, and two
of the same name are refused.
"""

import re
from typing import Any

import yaml


class Loader(yaml.SafeLoader):
    """Reads YAML 1.2; raises ValueError or yaml.YAMLError."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the library fills it per class

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  as the library's
        """Refuse a key that stands there twice, or is no text."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                what = f"{key.value!r} stands here twice" if isinstance(key, yaml.ScalarNode) else "a key must be text"
                raise ValueError(f"line {key.start_mark.line + 1}: {what}")
            seen.add(key.value)
            key.tag = "tag:yaml.org,2002:str"  # 2026: as a key is a name, as in JSON
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("int", r"-?(0|[1-9][0-9]{0,17})", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}", "-0123456789"),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


def load(text: str | bytes) -> Any:
    """Read a file of one's own; raises ValueError with what is wrong with it."""
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506  a SafeLoader, stricter still
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"this is not YAML: {' '.join(str(error).split())}") from error
