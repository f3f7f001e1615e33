"""The line of a period beside the one before, as parts of an SVG picture in a box of 100 by 100."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.scoring.domain.insight.shapes import Point

_BOX = 100.0


@dataclass(frozen=True, slots=True)
class Curve:
    """What to draw: `now` up to the present day, `area` below it, `before` the whole period before, `asked` the goal.

    `end` is where the present line ends, `top` the amount at the upper edge. An empty text: there is no such line.
    """

    now: str
    area: str
    before: str
    asked: str
    end: tuple[float, float] | None
    top: int


def curve(series: Sequence[Point]) -> Curve:
    """Place the lines of a period on one scale from nothing to the largest of them."""
    lines = {name: [getattr(point, name) for point in series] for name in ("actual", "previous", "expected")}
    known = [value for line in lines.values() for value in line if value is not None]
    low, top = min(0, *known, 0), max(1, *known, 1)
    placed = {name: list(_placed(line, low, top)) for name, line in lines.items()}
    now = placed["actual"]
    floor = _y(0, low, top)
    area = f"{now[0][0]},{floor} {_text(now)} {now[-1][0]},{floor}" if now else ""
    return Curve(_text(now), area, _text(placed["previous"]), _text(placed["expected"]), now[-1] if now else None, top)


def _placed(line: Sequence[int | None], low: int, top: int) -> Iterable[tuple[float, float]]:
    width = max(1, len(line) - 1)
    return ((round(n / width * _BOX, 2), _y(value, low, top)) for n, value in enumerate(line) if value is not None)


def _y(value: int, low: int, top: int) -> float:
    return round((top - value) / (top - low) * _BOX, 2)


def _text(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
