"""Live screens: one thread a process watches the standings and hands every change to all open streams."""

from services.leaderboard.live.hub import Hub, ScreenRevoked, TooManyStreams, stop_all
from services.leaderboard.live.limits import Limits
from services.leaderboard.live.mailbox import Event, Frame
from services.leaderboard.live.seats import Seat, Seats
from services.leaderboard.live.states import States
from services.leaderboard.live.stream import Body, Streams

__all__ = [
    "Body",
    "Event",
    "Frame",
    "Hub",
    "Limits",
    "ScreenRevoked",
    "Seat",
    "Seats",
    "States",
    "Streams",
    "TooManyStreams",
    "stop_all",
]
