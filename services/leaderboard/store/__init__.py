"""The standings in Redis: sorted sets per metric, period and scope, with the marks of what they hold.

Totals are what the ledger says and nothing else; who stands at zero and what an amount is divided by come from the
documents when a ranking is made. Every key is described in `keys.py`, every atomic step in `*_scripts.py`.
"""

from services.leaderboard.store.keys import CHANNEL
from services.leaderboard.store.reading import UNREACHABLE
from services.leaderboard.store.standings import Applied, Put, Standings

__all__ = ["CHANNEL", "UNREACHABLE", "Applied", "Put", "Standings"]
