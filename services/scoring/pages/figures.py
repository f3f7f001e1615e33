"""Amounts with their unit, as people of a language write them."""

from decimal import Decimal

from babel.numbers import format_currency, format_decimal

from shared.contracts.playbook import Metric

LOCALES = {"nl": "nl", "en": "en_GB"}


def show(metric: Metric, amount: int, language: str) -> str:
    """Write an amount with its unit as people of a language do: € 1.234,50, 15 points."""
    number = Decimal(amount).scaleb(-metric.decimals)
    if metric.is_money:
        return str(format_currency(number, metric.unit, locale=LOCALES[language]))
    return f"{format_decimal(number, locale=LOCALES[language])} {metric.label[language]}"
