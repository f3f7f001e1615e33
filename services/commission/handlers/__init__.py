"""What the books do: take in records, answer questions."""

from services.commission.handlers.answering import Leagues, Payouts, UnknownRep, payouts_of, statement_of
from services.commission.handlers.receiving import TOPICS_READ, Publish, ask_again, ask_when_blank, handle

__all__ = [
    "TOPICS_READ",
    "Leagues",
    "Payouts",
    "Publish",
    "UnknownRep",
    "ask_again",
    "ask_when_blank",
    "handle",
    "payouts_of",
    "statement_of",
]
