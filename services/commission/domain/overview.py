"""A period at a glance: what everybody gets, and first whoever has to be looked at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.commission.domain import findings
from services.commission.domain.findings import BLOCKING, OVER_CAP, Finding
from services.commission.domain.paylines import EARNED, RunLine
from services.commission.domain.quantities import Operand, Quantity, show
from services.commission.domain.statements import Statement
from shared.money import exponent

NEGATIVE, LARGE_CHANGE, DISPUTED = "negative", "large-change", "disputed"
SENTENCES: Mapping[str, Mapping[str, str]] = {
    NEGATIVE: {
        "nl": "De uitbetaling is onder nul: payroll moet iets inhouden, en mag dat niet altijd.",
        "en": "The payout is below zero: payroll has to withhold something, and may not always do so.",
    },
    LARGE_CHANGE: {
        "nl": "Was {before}, is nu {now}.",
        "en": "Was {before}, is now {now}.",
    },
    DISPUTED: {
        "nl": "Er staat een bezwaar open.",
        "en": "An objection is open.",
    },
}
CHANGE_PART, CHANGE_LEAST = 4, 10_000
"""A payout differs much by more than a fourth of the one before, and by more than this in minor units."""

_RANKS = {NEGATIVE: 1, DISPUTED: 1, OVER_CAP: 2, LARGE_CHANGE: 3}
_OTHERS = 4


@dataclass(frozen=True, slots=True)
class Flag:
    """Why somebody has to be looked at: what was found while computing, or what the amounts themselves show."""

    code: str
    component: str | None = None
    about: Mapping[str, Operand] | None = None

    @property
    def blocks(self) -> bool:
        """Tell whether something is not paid because of it."""
        return self.code in BLOCKING

    @property
    def rank(self) -> int:
        """Its place: what is not paid comes first."""
        return 0 if self.blocks else _RANKS.get(self.code, _OTHERS)

    def sentence(self, language: str) -> str:
        """Say it in a language."""
        said = SENTENCES.get(self.code) or findings.SENTENCES[self.code]
        return said[language].format(**{name: show(value, language) for name, value in (self.about or {}).items()})


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to know of a payee beside the amounts: the teams of the period, and what was found."""

    teams: tuple[str, ...] = ()
    found: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a payee gets, in minor units by currency: by components of plans, beside them, and in all."""

    earned: Mapping[str, int]
    beside: Mapping[str, int]

    @property
    def totals(self) -> Mapping[str, int]:
        """Both added up."""
        return added([self.earned, self.beside])


@dataclass(frozen=True, slots=True)
class Entry:
    """One payee of a period; `previous` is the payout of the period before (None: unknown)."""

    rep: str
    name: str
    teams: tuple[str, ...]
    plans: tuple[str, ...]
    amounts: Amounts
    previous: Mapping[str, int] | None
    flags: tuple[Flag, ...]

    @property
    def rank(self) -> int:
        """The place among others: that of the gravest flag, behind them all where there is none."""
        return min((flag.rank for flag in self.flags), default=_OTHERS + 1)


def added(sums: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add amounts up by currency."""
    found: dict[str, int] = {}
    for each in sums:
        for currency, minor in each.items():
            found[currency] = found.get(currency, 0) + minor
    return dict(sorted(found.items()))


def amounts_of(lines: Iterable[RunLine]) -> Amounts:
    """Sum the lines of a payee."""
    earned: dict[str, int] = {}
    beside: dict[str, int] = {}
    for line in lines:
        sums = earned if line.kind == EARNED else beside
        sums[line.currency] = sums.get(line.currency, 0) + line.amount
    return Amounts(earned, beside)


def look_of(one: Statement) -> Look:
    """Return what a statement says beside the amounts."""
    return Look(tuple(dict.fromkeys(part.team for part in one.segments)), one.findings)


def entry(
    rep: str,
    name: str,
    look: Look,
    *,
    plans: Iterable[str | None],
    amounts: Amounts,
    previous: Mapping[str, int] | None,
    disputed: bool = False,
) -> Entry:
    """Return a payee with everything that has to be looked at, each once and the gravest first."""
    flags = [Flag(one.code, one.component, one.about) for one in look.found]
    flags += [Flag(NEGATIVE)] if any(minor < 0 for minor in amounts.totals.values()) else []
    flags += [Flag(DISPUTED)] if disputed else []
    flags += [Flag(LARGE_CHANGE, None, change) for change in _changes(previous, amounts.totals)]
    ordered = sorted(flags, key=lambda flag: flag.rank)
    named = tuple(sorted({plan for plan in plans if plan}))
    return Entry(rep, name, look.teams, named, amounts, previous, tuple(ordered))


def _changes(before: Mapping[str, int] | None, now: Mapping[str, int]) -> Iterator[Mapping[str, Quantity]]:
    """Yield what was and what is in each currency in which the payout differs much."""
    for currency in sorted({*before, *now}) if before is not None else ():
        old, new = before[currency] if before and currency in before else 0, now.get(currency, 0)
        if abs(new - old) > max(CHANGE_LEAST, abs(old) // CHANGE_PART):
            unit = 10 ** exponent(currency)
            yield {"before": Quantity(Fraction(old, unit), currency), "now": Quantity(Fraction(new, unit), currency)}


def exceptions_first(entries: Iterable[Entry]) -> list[Entry]:
    """Sort by what has to be looked at, then by name."""
    return sorted(entries, key=lambda one: (one.rank, one.name.casefold(), one.rep))


def counts(entries: Sequence[Entry]) -> dict[str, int]:
    """Return how many payees have each flag, the gravest first."""
    found: dict[str, tuple[int, int]] = {}
    for one in entries:
        for code, rank in {flag.code: flag.rank for flag in one.flags}.items():
            found[code] = (rank, found.get(code, (rank, 0))[1] + 1)
    return {code: count for code, (_, count) in sorted(found.items(), key=lambda item: (item[1][0], -item[1][1]))}
