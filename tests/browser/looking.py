"""What a person in front of the screen would notice: text that is cut off, too small, or over the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from playwright.sync_api import Page

SAFE = 0.05
"""Television sets may cut off so much at each edge."""
READABLE = 52
"""The smallest type that can be read at five metres on a 55-inch screen, in px of a screen 1080 high."""

_TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.getElementById('screen'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    let cut = false;
    for (let up = element; up.id !== 'screen'; up = up.parentElement) {
      const frame = up.getBoundingClientRect(), style = getComputedStyle(up);
      const hides = style.overflowX !== 'visible';
      if (hides && (box.left < frame.left - 1 || box.right > frame.right + 1)) cut = true;
      if (hides && (box.top > frame.bottom || box.bottom < frame.top)) cut = true;
    }
    found.push({text: node.data.trim(), left: box.left, right: box.right, top: box.top, bottom: box.bottom, cut,
      size: parseFloat(getComputedStyle(element).fontSize), badge: element.matches('.badge')});
  }
  return found;
}"""

_ROWS = """() => [...document.querySelectorAll('#teams > li')].map(row => {
  const text = name => row.querySelector(name)?.innerText.replaceAll('\\u00a0', ' ') ?? '';
  return {rank: text('.rank'), letter: text('.badge'), name: text('.name'), score: text('.score'),
    today: text('.today'), of: text('.of'), move: row.querySelector('.move')?.getAttribute('aria-label') ?? ''};
})"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One visible text with its box, in px of the window."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    cut: bool
    size: float
    badge: bool


def texts(page: Page) -> list[Seen]:
    """Return every visible text."""
    return [Seen(**found) for found in page.evaluate(_TEXTS)]


def rows(page: Page) -> list[dict[str, str]]:
    """Return what the rows say, from the first to the last."""
    return cast("list[dict[str, str]]", page.evaluate(_ROWS))


def names(page: Page) -> list[str]:
    """Return the teams, from the first to the last."""
    return [row["name"] for row in rows(page)]


def mode(page: Page) -> str:
    """Return how current the screen says it is: loading, live, late, stale, offline or error."""
    return page.locator("#screen").get_attribute("data-mode") or ""


def outside(page: Page, safe: float = SAFE) -> list[str]:
    """Return the texts that are not wholly inside the part of the screen that every television shows."""
    size = cast("dict[str, Any]", page.viewport_size)
    x, y = size["width"] * safe, size["height"] * safe
    return [
        each.text
        for each in texts(page)
        if each.left < x - 1
        or each.right > size["width"] - x + 1
        or each.top < y - 1
        or each.bottom > size["height"] - y + 1
    ]


def cut(page: Page) -> list[str]:
    """Return the texts that are cut off."""
    return [each.text for each in texts(page) if each.cut]


def overlapping(page: Page) -> list[tuple[str, str]]:
    """Return the texts that lie over each other by more than a hair."""
    seen = texts(page)
    return [
        (one.text, other.text)
        for i, one in enumerate(seen)
        for other in seen[i + 1 :]
        if min(one.right, other.right) - max(one.left, other.left) > 2
        and min(one.bottom, other.bottom) - max(one.top, other.top) > 0.28 * min(one.size, other.size)
    ]


def too_small(page: Page, smallest: float = READABLE) -> list[str]:
    """Return the texts that cannot be read from across the room; the letter in a badge stands beside its name."""
    height = cast("dict[str, Any]", page.viewport_size)["height"]
    return [each.text for each in texts(page) if not each.badge and each.size * 1080 / height < smallest - 0.5]


def live(page: Page) -> Page:
    """Wait until the screen is live and has finished counting and moving."""
    page.wait_for_selector("#screen[data-mode=live]")
    page.evaluate("document.fonts.ready")
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
    return page
