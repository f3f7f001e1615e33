"""Pairing a screen: it shows a code, somebody who may types it in. After RFC 8628 (device authorization)."""

from __future__ import annotations

from datetime import timedelta

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no code is a word, and nothing that looks like another letter; RFC 8628, section 6.1."""
LENGTH = 8
LASTS = timedelta(seconds=600)
INTERVAL = 5
"""Seconds between two questions of a waiting screen."""
MOST_WRONG = 5
"""Wrong codes that one caller may type within WINDOW: of 20^8 codes nobody finds one by trying."""
WINDOW = timedelta(minutes=10)
MOST_OPEN, MOST_OF_ONE_ADDRESS = 500, 60
"""Codes that wait at once, in all and for one address (an office has one)."""


def code_of(numbers: bytes) -> str:
    """Return a code made of at least LENGTH random bytes; values that would favour some letters are passed over."""
    fair = [number for number in numbers if number < 256 - 256 % len(ALPHABET)]
    return "".join(ALPHABET[number % len(ALPHABET)] for number in fair[:LENGTH])


def normal(typed: str) -> str:
    """Return a code as it is kept, however it was typed: small letters, spaces and hyphens make no difference."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def readable(code: str) -> str:
    """Return a code as it is shown: BCDF-GHJK."""
    return f"{code[:4]}-{code[4:]}"
