"""The visits of all deals, made again: for activities that were kept before visits were."""

from services.scoring.domain.league import EVERYTHING
from services.scoring.handlers.leagues import build_league
from services.scoring.handlers.writing import PARTITIONS, visits_of
from services.scoring.store import Ledger
from services.scoring.store.writing import Restatement

_AT_ONCE = 500


def visit_again(ledger: Ledger) -> int:
    """Make the visits of every deal again, and say of every activity of which kind it is; return how many subjects."""
    return sum(_partition(ledger, partition) for partition in range(PARTITIONS))


def _partition(ledger: Ledger, partition: int) -> int:
    after, done = "", 0
    while True:
        with ledger.transaction() as transaction:
            transaction.lock([partition])
            versions = transaction.documents()
            subjects = transaction.subjects_after(partition, Restatement(after, EVERYTHING), _AT_ONCE)
            if not subjects:
                return done
            histories = transaction.histories(partition, subjects)
            transaction.visits.replace(partition, visits_of(histories, build_league(len(versions), versions)))
            transaction.visits.name_kinds(fact for facts in histories.values() for fact in facts)
        after, done = subjects[-1], done + len(subjects)
