"""The front door: everything that comes in comes in here.

In: activities, league documents and what CRMs send by themselves over HTTP; CSV files; what CRMs' own APIs answer
when they are asked back; topic `requests` (publish again).
Out: topics `activities` and `league`.
Remembers: every payload as it was received, its activities, what is parked and why, every document version.
"""
