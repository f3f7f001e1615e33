"""Team colours can be told apart by everybody, and seen on what they lie on."""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest

from services.leaderboard.domain.palette import COLORS, SURFACE, color, letter

Triple = tuple[float, float, float]

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
VISION: dict[str, tuple[Triple, Triple, Triple]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def linear(color: str) -> list[float]:
    """Return linear RGB, 0 to 1, of a colour such as #5BB8F5 (sRGB)."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]


def product(matrix: tuple[Triple, ...], vector: list[float]) -> list[float]:
    return [sum(factor * value for factor, value in zip(row, vector, strict=True)) for row in matrix]


def lab(color: str, vision: str) -> Triple:
    """Return CIE L*a*b* (D65) of a colour as somebody with this vision sees it."""
    seen = [min(1.0, max(0.0, value)) for value in product(VISION[vision], linear(color))]
    ratios = [value / white for value, white in zip(product(TO_XYZ, seen), WHITE, strict=True)]
    x, y, z = (ratio ** (1 / 3) if ratio > 0.008856 else 7.787 * ratio + 16 / 116 for ratio in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    darker, lighter = sorted(product((TO_XYZ[1],), linear(each))[0] for each in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_of_contrast_knows_black_on_white() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21, abs=0.01)


def test_the_measure_of_difference_notices_red_and_green_that_some_cannot_tell_apart() -> None:
    red, green = "#C05050", "#8A7F2D"
    assert dist(lab(red, "normal"), lab(green, "normal")) > 40
    assert dist(lab(red, "deuteranopia"), lab(green, "deuteranopia")) < 20


@pytest.mark.parametrize("vision", VISION)
def test_any_two_teams_can_be_told_apart(vision: str) -> None:
    closest = min(dist(lab(one, vision), lab(other, vision)) for one, other in combinations(COLORS, 2))
    assert closest >= 20


@pytest.mark.parametrize("shade", COLORS)
def test_every_team_stands_out_from_the_surface(shade: str) -> None:
    assert contrast(shade, SURFACE) >= 3


@pytest.mark.parametrize("shade", COLORS)
def test_a_dark_letter_can_be_read_on_every_badge(shade: str) -> None:
    assert contrast(shade, "#0B1220") >= 4.5


def test_colours_repeat_but_letters_go_on() -> None:
    assert color(8) == color(0)
    assert [letter(place) for place in (0, 7, 25, 26, 27, 52)] == ["A", "H", "Z", "AA", "AB", "BA"]
