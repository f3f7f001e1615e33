"""Live screens: one thread a process watches the standings and hands every change to all open streams."""

from services.leaderboard.live.hub import Frame, Hub, Limits, TooManyStreams, stop_all
from services.leaderboard.live.states import States
from services.leaderboard.live.stream import events

__all__ = ["Frame", "Hub", "Limits", "States", "TooManyStreams", "events", "stop_all"]
