"""The ledger is a difference: what should be credited minus what has been credited."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.scoring.domain.rules import Due, Key
from shared.contracts.activity import Activity
from shared.contracts.credit import EARNED, REVALUED, REVERSED, Credit


class Entry(NamedTuple):
    """A line to be written; it gets its number in the transaction that writes it."""

    key: Key
    amount: int
    activity: str
    inbox: int
    playbook: int
    reason: str


class Standing(NamedTuple):
    """What stands under a key: the sum of its lines, and where the last of them came from."""

    amount: int
    activity: str
    inbox: int
    playbook: int


def difference(what_is_due: Mapping[Key, Due], standing: Mapping[Key, Standing], cause: Activity | None) -> list[Entry]:
    """Return the lines that make what stands equal to what is due, in a fixed order: takings first.

    `cause` is the activity that arrived; without one (a new playbook or roster) a correction names
    the activity of the line it corrects.
    """
    entries = [
        _entry(key, due, has, cause)
        for key in sorted(what_is_due.keys() | standing.keys())
        if _differs(due := what_is_due.get(key), has := standing.get(key))
    ]
    return sorted(entries, key=lambda entry: entry.amount > 0)


def _differs(due: Due | None, has: Standing | None) -> bool:
    return (due.amount if due else 0) != (has.amount if has else 0)


def _entry(key: Key, due: Due | None, has: Standing | None, cause: Activity | None) -> Entry:
    amount = (due.amount if due else 0) - (has.amount if has else 0)
    if due and not (has and has.amount):
        return Entry(key, amount, due.activity, due.inbox, due.playbook, EARNED)
    behind = due or has
    activity, inbox = (cause.id, cause.inbox) if cause else (behind.activity, behind.inbox)  # type: ignore[union-attr]
    return Entry(key, amount, activity, inbox, behind.playbook, REVALUED if due else REVERSED)  # type: ignore[union-attr]


def number(
    entries: Mapping[str, Sequence[Entry]], partition: int, last: int, roster: int, booked_at: datetime
) -> Iterator[Credit]:
    """Turn the entries of each subject into credits numbered `last` + 1, + 2, … in order."""
    for subject, lines in entries.items():
        for entry in lines:
            last += 1
            yield Credit(
                partition=partition,
                seq=last,
                subject=subject,
                rule=entry.key.rule,
                metric=entry.key.metric,
                rep=entry.key.rep,
                team=entry.key.team,
                amount=entry.amount,
                at=entry.key.at,
                booked_at=booked_at,
                activity=entry.activity,
                inbox=entry.inbox,
                playbook=entry.playbook,
                roster=roster,
                reason=entry.reason,
            )
