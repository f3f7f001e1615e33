"""What scoring does with what arrives: keep it, write the difference, hand the lines on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from services.scoring.domain.league import NOTHING, League, touched
from services.scoring.handlers.leagues import build_league
from services.scoring.handlers.pace import Pace
from services.scoring.handlers.writing import End, derive_again, write
from services.scoring.store import Ledger, Transaction, Waiting
from services.scoring.store.retractions import Placed
from shared.bus import Outgoing
from shared.contracts import credit as credit_contract
from shared.contracts import wire
from shared.contracts.activity import Activity
from shared.contracts.credit import Credit
from shared.contracts.league import PLAYBOOK, ROSTER, TARGETS, LeagueDocument
from shared.topics import TOPICS, partition_of

PARTITIONS = TOPICS["credits"].partitions
CHUNK = 2000
"""Activities in one transaction, lines in one hand-over."""

Publish = Callable[[Sequence[Outgoing]], None]
Clock = Callable[[], datetime]


def subject_of(fact: Activity) -> tuple[int, str]:
    """Return the ledger partition and the subject of an activity: its deal, else itself."""
    subject = f"deal:{fact.deal.id}" if fact.deal else f"activity:{fact.id}"
    return partition_of(fact.key, PARTITIONS), subject


class Scorer:
    """Keeps the ledger equal to what the activities earn; safe to repeat and to run several times at once."""

    def __init__(self, ledger: Ledger, publish: Publish, clock: Clock) -> None:
        """Work on a ledger; `publish` returns when the lines are safe on the bus."""
        self._ledger, self._publish, self._clock = ledger, publish, clock
        self._league, self._pace = League(), Pace()

    def score(self, facts: Sequence[Activity]) -> None:
        """Keep activities, write what they change, and hand the lines on; known ones change nothing."""
        for start in range(0, len(facts), CHUNK):
            placed: dict[str, tuple[int, str, Activity]] = {}
            for fact in facts[start : start + CHUNK]:
                placed.setdefault(fact.id, (*subject_of(fact), fact))
            self.hand_on(self._keep(placed))

    def _keep(self, placed: Placed) -> set[int]:
        """Keep activities and write what they change; return the partitions with new lines."""
        taking_back = any(fact.retracts for _, _, fact in placed.values())
        with self._ledger.transaction() as transaction:
            heads = transaction.lock(range(PARTITIONS) if taking_back else {at[0] for at in placed.values()})
            league = self._current_league(transaction)
            kept = transaction.retractions.place(placed)
            new = transaction.add(kept, heads)
            arrived = [place for name, place in kept.items() if name in new]
            for partition, changed in _by_partition(arrived).items():
                write(transaction, End(partition, heads[partition].seq, self._clock()), changed, league)
            transaction.objections.corrected([fact for _, _, fact in arrived], self._clock())
        return {partition for partition, _, _ in kept.values()}

    def hand_on(self, partitions: Iterable[int]) -> None:
        """Publish the partitions' next lines, at most a chunk of each, in order and under their locks."""
        with self._ledger.transaction() as transaction:
            heads = transaction.lock(partitions)
            lines = {p: transaction.lines_after(p, head.published_seq, CHUNK) for p, head in heads.items()}
            self._publish([record for p in sorted(lines) for record in records(p, lines[p])])
            for partition, handed in lines.items():
                if handed:
                    transaction.mark_published(partition, handed[-1].seq)

    def hand_on_the_rest(self) -> bool:
        """Publish more of what waits: after a crash, a request, a new bus; tell whether anything did."""
        return self._hand_on_some(self._ledger.waiting())

    def catch_up(self) -> bool:
        """Do some of everything that waits; tell whether anything did."""
        waiting = self._ledger.waiting()
        did = [self._hand_on_some(waiting), self.refresh_some(waiting), self.restate_some(waiting)]
        return any(did)

    def _hand_on_some(self, waiting: Waiting) -> bool:
        if waiting.behind:
            self.hand_on(waiting.behind)
        return bool(waiting.behind)

    def publish_again(self, partitions: Iterable[int] | None) -> None:
        """Begin to hand the lines of the partitions (None: all) on once more, from the first.

        A chunk goes out at once and the rest in `hand_on_the_rest`, so that other work is not held up.
        """
        with self._ledger.transaction() as transaction:
            self._rewind(transaction, partitions)
        self.hand_on_the_rest()

    def notice_new_bus(self, incarnation: str) -> None:
        """Begin to hand everything on once more when the bus has lost its data since the last time."""
        with self._ledger.transaction() as transaction:
            if transaction.mark("bus") == incarnation:
                return
            self._rewind(transaction, None)
            transaction.set_mark("bus", incarnation)
        self.hand_on_the_rest()

    def _rewind(self, transaction: Transaction, partitions: Iterable[int] | None) -> None:
        every = range(PARTITIONS)
        for partition in transaction.lock(every if partitions is None else set(every).intersection(partitions)):
            transaction.mark_published(partition, 0)

    def put_document(self, document: LeagueDocument) -> None:
        """Keep a document version; the subjects that a new roster or playbook can touch are computed again.

        Raises BadDocument when its body cannot be read.
        """
        if document.kind not in (ROSTER, PLAYBOOK, TARGETS):
            return
        with self._ledger.transaction() as transaction:
            # whoever holds a partition now may still compute with the old league: wait, so that it is computed again
            transaction.lock(range(PARTITIONS))
            versions = transaction.documents()
            before = build_league(len(versions), versions)
            after = build_league(len(versions) + 1, [*versions, document])
            if transaction.put_document(document):
                what = touched(before, after, document.effective_from)
                if what != NOTHING:
                    transaction.restate(range(PARTITIONS), what)
                derive_again(transaction, before, after)

    def restate_some(self, waiting: Waiting | None = None) -> bool:
        """Compute the next subjects again, after a new playbook or roster; tell whether any were left."""
        waiting = waiting or self._ledger.waiting()
        for partition in waiting.restating[:1]:
            self._again(partition, partial(_next_touched, partition))
            self.hand_on([partition])
        return bool(waiting.restating)

    def refresh_some(self, waiting: Waiting | None = None) -> bool:
        """Compute the next subjects again for which a window has changed; tell whether there were any."""
        waiting = waiting or self._ledger.waiting()
        for partition in waiting.stale[:1]:
            self._again(partition, partial(_take_stale, partition), settled=True)
            self.hand_on([partition])
        return bool(waiting.stale)

    def _again(
        self, partition: int, next_ones: Callable[[Transaction, int], list[str]], *, settled: bool = False
    ) -> None:
        """Compute the next subjects of a partition again, as many as fit between two batches of live activities."""
        with self._pace.piece() as piece, self._ledger.transaction() as transaction:
            head = transaction.lock([partition])[partition]
            subjects = next_ones(transaction, piece.size)
            piece.done = len(subjects)
            changed: dict[str, list[Activity]] = {subject: [] for subject in subjects}
            end, league = End(partition, head.seq, self._clock()), self._current_league(transaction)
            write(transaction, end, changed, league, settled=settled)

    def _current_league(self, transaction: Transaction) -> League:
        number_now = transaction.league_number()
        if number_now != self._league.number:
            self._league = build_league(number_now, transaction.documents())
        return self._league


def _next_touched(partition: int, transaction: Transaction, size: int) -> list[str]:
    """Return the next subjects that a document touched, and remember how far that is."""
    asked = transaction.restatement(partition)
    if asked is None:
        return []
    subjects = transaction.subjects_after(partition, asked, size)
    transaction.mark_restated(partition, subjects[-1] if subjects else None)
    return subjects


def _take_stale(partition: int, transaction: Transaction, size: int) -> list[str]:
    return transaction.windows.take_stale(partition, size)


def records(partition: int, lines: Sequence[Credit]) -> list[Outgoing]:
    """Return the lines of one partition as records, in order."""
    values = wire.encode("credits", map(credit_contract.to_wire, lines))
    return [Outgoing("credits", str(partition), value, partition) for value in values]


def _by_partition(placed: Iterable[tuple[int, str, Activity]]) -> dict[int, dict[str, list[Activity]]]:
    grouped: dict[int, dict[str, list[Activity]]] = defaultdict(lambda: defaultdict(list))
    for partition, subject, fact in placed:
        grouped[partition][subject].append(fact)
    return grouped
