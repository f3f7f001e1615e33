"""The promise under faults: whatever breaks on the way, the chain ends where an undisturbed one does.

Two chains are fed the same stream, piece by piece. One of them is hit by a fault while it works; after each fault its
ledger, standings and payouts must equal those of the other. `python -m tests.faults` tries many and reports.
"""
