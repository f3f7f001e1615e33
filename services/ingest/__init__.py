"""The front door: everything that comes in comes in here.

In: activities and league documents over HTTP or from a CSV file; topic `requests` (publish again).
Out: topics `activities` and `league`.
Remembers: every payload as it was received, its activities, what is parked and why, every document version.
"""
