"""Sentences of pages, in each language: `locale/nl.json` and `locale/en.json`, flat objects of key and sentence.

A service's own catalogue stands in `services/<name>/locale/`; the frame's in `shared/web/locale/`, its keys begin with
`frame.`. In a template: `{{ t('inbox.title') }}`, `{{ t('inbox.from', sender=name) }}`, and for a count
`{{ t.count('inbox.found', 3) }}`, which says `inbox.found.one` or `inbox.found.more` with `{count}` written out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson

from shared.web.figures import whole

LANGUAGES = {"nl": "Nederlands", "en": "English"}
DEFAULT = "nl"
OWN = Path(__file__).parent / "locale"


class Words:
    """Say a sentence of one language."""

    def __init__(self, texts: dict[str, str], language: str) -> None:
        """Know the sentences."""
        self._texts, self.language = texts, language

    def __call__(self, key: str, **values: Any) -> str:
        """Return the sentence with its `{names}` filled in; a missing key is said itself, so that it shows."""
        text = self._texts.get(key)
        if text is None:
            return key
        return text.format_map(values) if values else text

    def keys(self) -> set[str]:
        """Return every key."""
        return set(self._texts)

    def has(self, key: str) -> bool:
        """Tell whether there is such a sentence."""
        return key in self._texts

    def or_else(self, key: str, text: str) -> str:
        """Return the sentence, or `text` when there is none."""
        return self._texts.get(key, text)

    def count(self, key: str, count: int, **values: Any) -> str:
        """Return the sentence for one or for several, with `{count}` as people of the language write it."""
        form = "one" if count == 1 else "more"
        return self(f"{key}.{form}", count=whole(count, self.language), **values)


@cache
def words(language: str, *folders: Path) -> Words:
    """Return the sentences of the frame and of the folders; a later folder wins."""
    texts: dict[str, str] = {}
    for folder in (OWN, *folders):
        path = folder / f"{language}.json"
        texts |= orjson.loads(path.read_bytes()) if path.exists() else {}
    return Words(texts, language)
