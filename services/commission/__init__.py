"""The books: who earned what, derived down to the credits.

In: topics `credits` and `league`.
Out: statements, payouts, plans, runs and exports over HTTP; topic `requests` (publish again).
Remembers: every credit line and its running totals, how far it has read, every document version; every run with what
went in and came out, exports, adjustments, disputes, who did what.
"""
