"""The colours of the teams: told apart under each kind of colour blindness, and never without the letter."""

from string import ascii_uppercase

PALETTE = {
    "dark": ("#5BB8F5", "#FFB347", "#E9EA9C", "#EE7091", "#C7F8EE", "#9460FB", "#EB4747", "#B668A9"),
    "light": ("#0B6CB0", "#9A5B00", "#8A1AF9", "#1F141F", "#A19272", "#700000", "#000099", "#684568"),
}
"""By theme, in the order of the teams on the roster. Any two differ by 23 or more (CIE76) for everybody; all have a
contrast of 3 or more on the theme's surface."""

SURFACE = {"dark": "#16213A", "light": "#FFFFFF"}
"""What the colours lie on."""


def color(theme: str, place: int) -> str:
    """Return the colour of the team at `place` (from 0); after the eighth they come again."""
    colors = PALETTE[theme]
    return colors[place % len(colors)]


def letter(place: int) -> str:
    """Return the letter of the team at `place` (from 0): A to Z, then AA, AB, …"""
    first, last = divmod(place, len(ascii_uppercase))
    return (letter(first - 1) if first else "") + ascii_uppercase[last]
