"""What ids of people, teams, stages and periods are called on a page, and amounts for a quick look."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from babel import Locale
from babel.numbers import format_currency

from services.scoring.domain.league import League
from services.scoring.pages.figures import Amounts, metrics_of
from shared import periods
from shared.contracts.playbook import Metric, Playbook, Stage
from shared.contracts.roster import Roster
from shared.web.figures import LOCALES, NONE, Figures
from shared.web.words import Words

_ROUND_FROM = 100
"""From so many units on, a quick look needs no cents."""

_DIGITS = 3
"""Digits of a forecast that mean something."""


@dataclass(frozen=True)
class Names:
    """Say what ids are called in a language; what is not known is said by its id."""

    league: League
    roster: Roster
    t: Words

    @property
    def language(self) -> str:
        """The language."""
        return self.t.language

    @cached_property
    def amounts(self) -> Amounts:
        """Amounts to the last cent."""
        return Amounts(metrics_of(self.league), self.language)

    def rep(self, name: str) -> str:
        """Return a person's name."""
        known = self.roster.reps.get(name)
        return known.display_name if known else name

    def team(self, name: str) -> str:
        """Return a team's name."""
        known = self.roster.teams.get(name)
        return known.name if known else name

    def stage(self, name: str, pipeline: str | None = None) -> str:
        """Return what a stage is called; without a pipeline, in the latest playbook that has it."""
        known = self._stages.get((pipeline, name)) or self._stages.get((None, name))
        return known.label[self.language] if known else name

    def pipeline(self, name: str) -> str:
        """Return what a pipeline is called."""
        return next((b.pipelines[name].label[self.language] for b in self._books if name in b.pipelines), name)

    def activity(self, name: str) -> str:
        """Return what a kind of work is called."""
        return next((b.activities[name][self.language] for b in self._books if name in b.activities), name)

    def period(self, name: str) -> str:
        """Return what a period is called: november 2026, week 48 (2026)."""
        period, f = periods.parse(name), Figures(self.language, self.roster.zone)
        match period.kind:
            case "day":
                return f.day(period.first, "EEEE d MMMM")
            case "week":
                return self.t("period.week", number=int(name[-2:]), year=name[:4])
            case "month":
                return f.month(name)
            case "quarter":
                return self.t("period.quarter", number=name[-1], year=name[:4])
        return name

    def span(self, name: str) -> str:
        """Return the first and the last day of a period."""
        period, f = periods.parse(name), Figures(self.language, self.roster.zone)
        last = period.last - timedelta(days=1)
        return f.day(last) if period.first == last else f"{f.day(period.first, 'd MMM')} {NONE} {f.day(last)}"

    def brief(self, metric: str, amount: int | None, *, sign: bool = False) -> str:
        """Write an amount for a quick look: whole euros once there are enough of them; None is a dash."""
        if amount is None:
            return NONE
        plus = "+" if sign and amount > 0 else ""
        known = self.amounts.metrics.get(metric)
        if known is None or not known.is_money or abs(amount) < _ROUND_FROM * 10**known.decimals:
            return plus + self.amounts(metric, amount)
        return plus + _whole(known, amount, self.language)

    def around(self, metric: str, amount: int | None) -> str:
        """Write an amount that nobody knows better than by its first digits."""
        known = self.amounts.metrics.get(metric)
        return self.brief(metric, amount if amount is None or known is None else _rounded(amount, known))

    def between(self, metric: str, low: int | None, high: int | None) -> str:
        """Write a range by its first digits."""
        if low is None or high is None:
            return NONE
        known = self.amounts.metrics.get(metric)
        ends = [low, high] if known is None else [_rounded(each, known, high) for each in (low, high)]
        return f"{self.brief(metric, ends[0])} {NONE} {self.brief(metric, ends[1])}"

    def change(self, now: int, before: int) -> str:
        """Write a difference as a part of what was before, with its sign."""
        if not before:
            return NONE
        part = round(Decimal(now - before) / abs(before), 2)
        sign = "+" if part > 0 else "\N{MINUS SIGN}" if part < 0 else "\N{PLUS-MINUS SIGN}"
        return sign + Figures(self.language, self.roster.zone).share(abs(part))

    @cached_property
    def _books(self) -> list[Playbook]:
        """The playbooks, the latest first."""
        return [e.playbook for e in sorted(self.league.editions, key=lambda e: (e.effective_from, e.version))[::-1]]

    @cached_property
    def _stages(self) -> dict[tuple[str | None, str], Stage]:
        found: dict[tuple[str | None, str], Stage] = {}
        for pipeline in (p for book in self._books for p in book.pipelines.values()):
            for stage in pipeline.stages:
                found.setdefault((pipeline.id, stage.id), stage)
                found.setdefault((None, stage.id), stage)
        return found


def _whole(metric: Metric, amount: int, language: str) -> str:
    pattern = Locale.parse(LOCALES[language]).currency_formats["standard"].pattern.replace(".00", "")
    number = round(Decimal(amount).scaleb(-metric.decimals))
    return str(format_currency(number, metric.unit, pattern, locale=LOCALES[language], currency_digits=False))


def _rounded(amount: int, metric: Metric, beside: int | None = None) -> int:
    """Return an amount with as many digits as mean something beside the larger one of a range, in whole units."""
    unit = 10**metric.decimals
    digits = len(str(abs(amount if beside is None else beside) // unit))
    step: int = unit * 10 ** max(0, digits - _DIGITS)
    return (2 * amount + step) // (2 * step) * step
