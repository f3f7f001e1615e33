"""The ledger and what it is made from, in SQL."""

from services.scoring.store.days import Days
from services.scoring.store.reading import Asked, Reader, Within
from services.scoring.store.tables import PACKAGE
from services.scoring.store.windows import Windows, candidate_of
from services.scoring.store.writing import Head, Ledger, Transaction, Waiting

__all__ = [
    "PACKAGE",
    "Asked",
    "Days",
    "Head",
    "Ledger",
    "Reader",
    "Transaction",
    "Waiting",
    "Windows",
    "Within",
    "candidate_of",
]
