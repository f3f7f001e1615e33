"""How pay reaches payroll: employers with their wage components, and who is employed where under which number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

NEUTRAL, NMBRS, LOKET, AFAS = "neutral", "nmbrs", "loket", "afas"
LAYOUTS = (NEUTRAL, NMBRS, LOKET, AFAS)

MONTH, FOUR_WEEKS, WEEK = "month", "four_weeks", "week"
HIGHEST: Mapping[str, int] = {MONTH: 12, FOUR_WEEKS: 13, WEEK: 53}
"""The kinds of payroll period, and the highest number that one has in a year."""


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer as its payroll package knows it.

    `number` is its number there (Nmbrs Bedrijfnr, Loket aansluitnummer, AFAS @ErId), `debtor` the Nmbrs Debiteurnr,
    `shift` Loket's ploeg, `period_table` AFAS's @PtId. `components` gives the wage component by the plan's component or
    by the kind of pay line (see `paylines.KINDS`); the key `*` holds for whatever is not named.
    """

    id: str
    name: str
    layout: str
    number: str
    period_type: str
    currency: str
    components: Mapping[str, str]
    debtor: str | None = None
    shift: str | None = None
    period_table: str | None = None

    def component(self, code: str, kind: str) -> str | None:
        """Return the wage component of a pay line; None when there is none."""
        return next((self.components[key] for key in (code, kind, "*") if key in self.components), None)


@dataclass(frozen=True, slots=True)
class Employment:
    """A payee on an employer's payroll from `start` up to and without `end` (None: still)."""

    rep: str
    employer: str
    number: str
    start: date
    end: date | None = None
    contract: str | None = None

    def covers(self, day: date) -> bool:
        """Tell whether the employment holds on `day`."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Payroll:
    """All employers and employments."""

    employers: Mapping[str, Employer]
    employments: tuple[Employment, ...]

    def employment(self, rep: str, day: date) -> Employment | None:
        """Return where the rep is paid on `day`: the employment that holds, else the last one that had begun.

        What a leaver earned is paid after the last day, by the employer of that day.
        """
        own = [one for one in self.employments if one.rep == rep and one.start <= day]
        return max(own, key=lambda one: (one.covers(day), one.start), default=None)


@dataclass(frozen=True, slots=True)
class PayrollPeriod:
    """The payroll period that is open: `number` in `year`, counted in periods of `type`."""

    year: int
    number: int
    type: str

    @property
    def id(self) -> str:
        """Its name in files: year and two-digit number."""
        return f"{self.year:04d}-{self.number:02d}"
