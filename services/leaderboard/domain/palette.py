"""The colours of the teams: told apart under each kind of colour blindness, and never without the letter."""

from string import ascii_uppercase
from typing import NamedTuple

COLORS = ("#5BB8F5", "#FFB347", "#E9EA9C", "#EE7091", "#C7F8EE", "#9460FB", "#EB4747", "#B668A9")
"""In the order of the teams on the roster. Any two differ by 20 or more (CIE76) for everybody; all have a contrast of
3 or more on SURFACE."""

SURFACE = "#16213A"
"""What the colours lie on."""


class Look(NamedTuple):
    """A letter and its colour."""

    letter: str
    color: str


GONE = Look("-", "#8494B0")
"""How a team looks that is not on the roster any more."""


def color(place: int) -> str:
    """Return the colour of the team at `place` (from 0); after the eighth they come again."""
    return COLORS[place % len(COLORS)]


def letter(place: int) -> str:
    """Return the letter of the team at `place` (from 0): A to Z, then AA, AB and so on."""
    first, last = divmod(place, len(ascii_uppercase))
    return (letter(first - 1) if first else "") + ascii_uppercase[last]
