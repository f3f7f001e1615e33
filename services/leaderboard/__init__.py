"""In: topics `credits` and `league`. Out: boards over HTTP, the TV, topic `requests` (publish again).

Remembers: totals per metric, period and scope in Redis, the documents, and how far it has read.
May lose all of that: `python -m services.leaderboard.cli rebuild` makes identical standings again.
Remembers in SQL what people decided and no ledger can bring back: screens, playlists, messages, profiles.
"""
