"""Amounts with their unit, as people of a language write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_currency, format_decimal

from services.scoring.domain.league import League
from shared.contracts.playbook import Metric
from shared.web.figures import LOCALES


def show(metric: Metric, amount: int, language: str) -> str:
    """Write an amount with its unit as people of a language do: € 1.234,50, 15 points."""
    number = Decimal(amount).scaleb(-metric.decimals)
    if metric.is_money:
        return str(format_currency(number, metric.unit, locale=LOCALES[language]))
    return f"{format_decimal(number, locale=LOCALES[language])} {metric.label[language]}"


def metrics_of(league: League) -> dict[str, Metric]:
    """Return every metric that any edition has, the latest edition's first word."""
    latest = sorted(league.editions, key=lambda edition: edition.version)
    return {name: metric for edition in latest for name, metric in edition.playbook.metrics.items()}


@dataclass(frozen=True, slots=True)
class Amounts:
    """Write amounts of metrics in a language."""

    metrics: Mapping[str, Metric]
    language: str

    def __call__(self, metric: str, amount: int) -> str:
        """Write an amount in smallest units with its unit."""
        known = self.metrics.get(metric)
        return show(known, amount, self.language) if known else f"{amount} {metric}"

    def number(self, metric: str, amount: int) -> str:
        """Write an amount in smallest units; only money keeps its unit."""
        known = self.metrics.get(metric)
        if known is None or known.is_money:
            return self(metric, amount)
        return str(format_decimal(Decimal(amount).scaleb(-known.decimals), locale=LOCALES[self.language]))

    def usual(self, metric: str, amount: Decimal | Fraction) -> str:
        """Write an amount in usual units with its unit."""
        known = self.metrics.get(metric)
        return show(known, known.smallest(amount), self.language) if known else f"{amount} {metric}"

    def change(self, metric: str, amount: int) -> str:
        """Write a difference with its sign."""
        sign = "+" if amount > 0 else "\N{MINUS SIGN}" if amount < 0 else ""
        return sign + self(metric, abs(amount))

    def label(self, metric: str) -> str:
        """Return what a metric is called."""
        known = self.metrics.get(metric)
        return known.label[self.language] if known else metric
