"""Scoring: points by the rules of the playbook.

In:        activities and league documents, from the bus; questions about credits, over HTTP.
Out:       credits, the lines of the ledger, to the bus.
Remembers: every activity, every ledger line and how far each was published, every document version.
"""
