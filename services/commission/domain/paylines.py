"""What payroll is handed: one line of an approved run with the employer and the number that payroll knows.

`pay_lines` is all that an export needs to know of a run; its lines add up to what the run pays.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

EARNED, ADJUSTMENT, MANUAL = "earned", "adjustment", "manual"
ADVANCE, RECOVERY, RELEASED = "advance", "recovery", "released"
OWED, SETTLED = "owed", "settled"

KINDS = {
    EARNED: "what a component of a plan pays for the period",
    ADJUSTMENT: "the difference in a period that was closed before",
    MANUAL: "an adjustment made by hand, with its reason",
    ADVANCE: "a draw, paid in advance of earnings or on top of them",
    RECOVERY: "what is taken back of a draw (negative)",
    RELEASED: "what was kept over a cap earlier and is paid now",
    OWED: "what a negative payout leaves to be taken back later: it brings the payout up to zero",
    SETTLED: "what is taken back of an earlier negative payout (negative)",
}
"""The kinds of pay line; `code` of a line is the plan's component for the first two, else the kind."""


@dataclass(frozen=True, slots=True)
class PayLine:
    """One line for payroll: `amount` in minor units, negative where something is taken back.

    `run` and `line_id` name it for good: what was exported under them is never exported again. `employer` is empty
    and `employee` the rep where no mapping says better. `origin_period` is what the line is about; payroll always
    books it in its own open period.
    """

    run: str
    line_id: str
    employer: str
    employee: str
    rep: str
    name: str
    kind: str
    code: str
    amount: int
    currency: str
    origin_period: str
    description: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line of a run: `amount` in minor units goes into the payout of `rep`.

    `id` is unique in the run and says what the line is. `component`, `plan` and `team` are set where a component of a
    plan makes the line. `carried` is what a cap keeps for later of it, `held` what waits of it (below zero: what it
    pays of what waited since the period `earned_in`). `origin_period`, `origin_run` and `origin_line` name what an
    adjustment corrects, from `old` to `new`, because of `credits` (the first of `more` in all) and `documents`;
    `reference` and `reason` are those of an adjustment made by hand.
    """

    id: str
    rep: str
    kind: str
    currency: str
    amount: int
    origin_period: str
    plan: str | None = None
    version: int | None = None
    component: str | None = None
    team: str | None = None
    origin_run: str | None = None
    origin_line: str | None = None
    old: int | None = None
    new: int | None = None
    reference: str | None = None
    reason: str | None = None
    earned_in: str | None = None
    carried: int = 0
    held: int = 0
    credits: tuple[str, ...] = ()
    more: int = 0
    documents: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The key that payroll's wage components are found by: the plan's component, else the kind of line."""
        return self.component or self.kind


Employed = Callable[[str], tuple[str, str]]
"""Gives (employer, number of the employee there) of a rep."""

WORDS = {
    EARNED: {"nl": "{code} {period}", "en": "{code} {period}"},
    ADJUSTMENT: {"nl": "Correctie {code} {period}", "en": "Correction {code} {period}"},
    MANUAL: {"nl": "Handmatige correctie {reference}", "en": "Manual adjustment {reference}"},
    ADVANCE: {"nl": "Voorschot {period}", "en": "Draw {period}"},
    RECOVERY: {"nl": "Verrekend voorschot {period}", "en": "Draw recovered {period}"},
    RELEASED: {"nl": "Eerder boven maximum {period}", "en": "Carried earlier, paid {period}"},
    OWED: {"nl": "Later te verrekenen {period}", "en": "To be settled later {period}"},
    SETTLED: {"nl": "Verrekend tekort {period}", "en": "Shortfall settled {period}"},
}


def _unmapped(rep: str) -> tuple[str, str]:
    return "", rep


def pay_lines(
    run: str,
    lines: Iterable[RunLine],
    names: Callable[[str], str],
    employed: Employed = _unmapped,
    language: str = "nl",
) -> Iterator[PayLine]:
    """Yield the lines of a run as payroll needs them; a line of zero is left out, since payroll would book it."""
    for line in lines:
        if line.amount:
            employer, employee = employed(line.rep)
            words, origin = WORDS[line.kind][language], line.earned_in or line.origin_period
            said = words.format(code=line.code, period=origin, reference=line.reference or "")
            yield PayLine(
                *(run, line.id, employer, employee, line.rep, names(line.rep), line.kind, line.code),
                *(line.amount, line.currency, origin, said),
            )
