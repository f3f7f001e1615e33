"""In: topics `credits` and `league`. Out: boards over HTTP, the TV, topic `requests` (publish again).

Remembers: totals per metric, period and scope in Redis, the documents, and how far it has read.
May lose all of it: `python -m services.leaderboard.cli rebuild` makes identical standings again.
"""
