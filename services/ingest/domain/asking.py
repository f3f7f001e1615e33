"""Asking back: what a payload lacks is asked of the CRM's API, once things are quiet, politely, and not for ever."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

QUIET = timedelta(seconds=2)
"""An object is asked about when so long nothing more was wanted of it: one edit comes as many notifications."""

PATIENCE = timedelta(seconds=15)
"""Asked at the latest so long after it was first wanted, however restless the object is."""

LARGEST = 10_000
"""Questions that may wait for one connection; beyond that a want is refused, counted and shown."""

KEPT_ENDED = 1_000
"""Questions without an answer that stay visible for one connection, the latest."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=30)
LONGEST_LINE_PAUSE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
"""The longest `Retry-After` that is believed."""

GIVE_UP_AFTER, FEWEST_ATTEMPTS = timedelta(hours=24), 5
"""As long as a CRM itself repeats a notification; a question that was hardly asked in that time goes on waiting."""

REST = timedelta(minutes=10)
"""What ended without an answer is asked about again, if it is wanted again, after so long."""

LOOK_FOR_SECRET = timedelta(minutes=1)
"""How often to look whether a token that was not there has been put where its reference points."""

LOOK_AGAIN = timedelta(hours=1)
"""A refused token is tried again so often: it may have been replaced where its reference points."""

ASKABLE = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""Ids that are put into an address; a payload that names another one is not followed."""

WAITING, GONE, GIVEN_UP = "waiting", "gone", "given-up"
OPEN, PAUSED, STOPPED = "open", "paused", "stopped"


@dataclass(frozen=True, slots=True)
class Question:
    """One object of a CRM that is to be asked about; `state` is one of WAITING, GONE and GIVEN_UP, `reason` says why.

    `since` is when it was first wanted, `wanted_at` when it was wanted last.
    """

    connection: str
    object: str
    id: str
    since: datetime
    wanted_at: datetime
    due_at: datetime
    attempts: int = 0
    state: str = WAITING
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The line to one connection's API: whether anything may be asked, until when not, and why.

    `failures` counts requests in a row without a usable answer, `refused` the wants there was no room for.
    """

    connection: str
    state: str = OPEN
    until: datetime | None = None
    reason: str | None = None
    failures: int = 0
    refused: int = 0


def wanted(connection: str, kind: str, name: str, known: Question | None, at: datetime) -> Question:
    """Return the question after it was wanted (again): put off until things are quiet, but not beyond PATIENCE.

    One whose last attempts failed keeps its turn; one that ended without an answer begins anew, after a rest.
    """
    if known is None or known.state != WAITING:
        due = max(at + QUIET, known.due_at) if known else at + QUIET
        return Question(connection, kind, name, since=at, wanted_at=at, due_at=due)
    due = min(at + QUIET, known.since + PATIENCE) if known.attempts == 0 else known.due_at
    return replace(known, wanted_at=max(at, known.wanted_at), due_at=due)


def pause(failures: int, chance: float, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """Return how long to wait after so many failures in a row: doubling, bounded, up to half of it left to `chance`.

    `chance` lies between 0 and 1.
    """
    return min(longest, FIRST_PAUSE * 2.0 ** min(max(failures, 1) - 1, 20)) * (0.5 + chance / 2)


def failed(question: Question, reason: str, at: datetime, chance: float) -> Question:
    """Return the question after it was asked in vain: put off ever longer, in the end given up.

    The time until then begins with the first attempt.
    """
    attempts = question.attempts + 1
    question = replace(question, since=at) if attempts == 1 else question
    if attempts >= FEWEST_ATTEMPTS and at - question.since >= GIVE_UP_AFTER:
        return ended(question, GIVEN_UP, reason, at)
    return replace(question, attempts=attempts, due_at=at + pause(attempts, chance), reason=reason)


def ended(question: Question, state: str, reason: str, at: datetime) -> Question:
    """Return the question that will get no answer: GONE, or GIVEN_UP because it cannot be asked like this."""
    return replace(question, attempts=question.attempts + 1, state=state, reason=reason, due_at=at + REST)


def troubled(line: Line, reason: str, at: datetime, chance: float, wait: timedelta | None = None) -> Line:
    """Return the line after a request without a usable answer: paused as long as the CRM asks, or ever longer."""
    failures = line.failures + 1
    length = min(wait, LONGEST_WAIT) if wait is not None else pause(failures, chance, LONGEST_LINE_PAUSE)
    return replace(line, state=PAUSED, until=at + length, reason=reason, failures=failures)


def stopped(line: Line, reason: str, at: datetime, again: timedelta = LOOK_AGAIN) -> Line:
    """Return the line after the CRM refused its token: nothing is asked until a person repairs it, or after `again`."""
    return replace(line, state=STOPPED, until=at + again, reason=reason, failures=line.failures + 1)


def answered(line: Line) -> Line:
    """Return the line after a usable answer."""
    return replace(line, state=OPEN, until=None, reason=None, failures=0)


def may_ask(line: Line, at: datetime) -> bool:
    """Tell whether the line may be used."""
    return line.until is None or line.until <= at


ANSWERED, LATER, REFUSED, MISSING, TROUBLE, USELESS = "answered", "later", "refused", "missing", "trouble", "useless"
"""What an answer means, whoever sends it: see `meaning`."""


def meaning(status: int, headers: Mapping[str, str]) -> str:
    """Return what an HTTP status means for the question and the line; 0 is no answer at all.

    ANSWERED; LATER: the CRM asks to wait; REFUSED: the token may not ask; MISSING: there is no such object; TROUBLE:
    the CRM has difficulties; USELESS: the question itself is wrong and will never be answered.
    """
    if 200 <= status < 300:
        return ANSWERED
    if status == 429 or (status == 503 and "retry-after" in headers):
        return LATER
    if status in {401, 403}:
        return REFUSED
    if status in {404, 410}:
        return MISSING
    return USELESS if 400 <= status < 500 and status not in {408, 425} else TROUBLE


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the CRM asks to wait: seconds, or until a date (RFC 9110, section 10.2.3)."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal() and len(said) < 10:
        return timedelta(seconds=int(said))
    try:
        moment = parsedate_to_datetime(said)
        return max(moment - now, timedelta())
    except (ValueError, TypeError):  # none was said, or no zone, or nothing that can be read
        return None
