"""What is done with records that come in, what is celebrated, and what the standings are asked."""

from services.leaderboard.handlers.applying import ASK_AGAIN, TOPICS_READ, Publish, ask, everything, handle, requests
from services.leaderboard.handlers.celebrating import celebrate_contests, celebrate_lines, turn_contests

__all__ = [
    "ASK_AGAIN",
    "TOPICS_READ",
    "Publish",
    "ask",
    "celebrate_contests",
    "celebrate_lines",
    "everything",
    "handle",
    "requests",
    "turn_contests",
]
