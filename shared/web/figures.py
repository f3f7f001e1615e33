"""Numbers, money and moments as people of a language write them, through Babel; the time zone is always the caller's.

English is British (`en_GB`): plain `en` would write 11/24/26 and 3:04 PM. In a template:
`{{ f.money(123456, 'EUR') }}`, `{{ f.moment(at) }}`, `{{ f.share(0.25) }}`; `<td class="num">` lines figures up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from shared.money import to_major

LOCALES = {"nl": "nl", "en": "en_GB"}
NONE = "\N{EN DASH}"


def whole(number: int, language: str) -> str:
    """Write a whole number with its thousands apart."""
    return str(format_decimal(number, locale=LOCALES[language]))


@dataclass(frozen=True, slots=True)
class Figures:
    """Write figures in `language` and moments in `zone`; None is written as a dash."""

    language: str
    zone: ZoneInfo

    @property
    def locale(self) -> str:
        """Babel's name of the language."""
        return LOCALES[self.language]

    def number(self, value: float | Decimal | None, decimals: int = 0) -> str:
        """Write a number with exactly so many decimals."""
        if value is None:
            return NONE
        pattern = "#,##0" + (f".{'0' * decimals}" if decimals else "")
        return str(format_decimal(value, format=pattern, locale=self.locale))

    def exact(self, value: str | Decimal | None) -> str:
        """Write a decimal with all its decimals, as exact as it came."""
        if value is None:
            return NONE
        number = Decimal(value)
        return self.number(number, max(0, -int(number.as_tuple().exponent)))

    def money(self, minor: int | None, currency: str) -> str:
        """Write an amount in minor units with its currency."""
        return NONE if minor is None else self.major(to_major(minor, currency), currency)

    def major(self, amount: str | Decimal | None, currency: str) -> str:
        """Write an exact amount in major units with its currency, never rounded."""
        if amount is None:
            return NONE
        return str(format_currency(Decimal(amount), currency, locale=self.locale, decimal_quantization=False))

    def share(self, value: float | Decimal | None, decimals: int = 0) -> str:
        """Write a part of one as a percentage."""
        if value is None:
            return NONE
        pattern = "#,##0" + (f".{'0' * decimals}" if decimals else "") + "%"
        return str(format_percent(value, format=pattern, locale=self.locale))

    def day(self, value: date | str | None, form: str = "d MMM y") -> str:
        """Write a calendar day, given as such or as 2026-11-24: 24 nov 2026."""
        if value is None:
            return NONE
        return str(
            format_date(date.fromisoformat(value) if isinstance(value, str) else value, form, locale=self.locale)
        )

    def month(self, text: str) -> str:
        """Write a month, given as 2026-11: november 2026."""
        return self.day(f"{text}-01", "LLLL y")

    def input_day(self, at: datetime, days: int = 0) -> str:
        """Write the day of an instant in the zone, some days on, as a date field of a form wants it: 2026-11-24."""
        return (at.astimezone(self.zone).date() + timedelta(days=days)).isoformat()

    def moment(self, at: datetime | None, *, seconds: bool = False) -> str:
        """Write an instant in the zone: 24 nov 2026 14:52."""
        form = "d MMM y HH:mm:ss" if seconds else "d MMM y HH:mm"
        return NONE if at is None else str(format_datetime(at, form, tzinfo=self.zone, locale=self.locale))

    def zoned(self, at: datetime | None) -> str:
        """Write an instant with seconds and the name of its zone: 24 nov 2026 14:52:07 CET."""
        form = "d MMM y HH:mm:ss z"
        return NONE if at is None else str(format_datetime(at, form, tzinfo=self.zone, locale=self.locale))

    def iso(self, at: datetime | None) -> str:
        """Write an instant for programs, in UTC: 2026-11-24T13:52:07Z."""
        return "" if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def span(self, length: timedelta | None) -> str:
        """Write how long something took in its two largest parts: 2 d 3 u, 12 min, 8 s."""
        if length is None:
            return NONE
        hour = {"nl": "u", "en": "h"}[self.language]
        seconds = int(abs(length.total_seconds()))
        parts = ((seconds // 86_400, "d"), (seconds // 3600 % 24, hour), (seconds // 60 % 60, "min"))
        said = [f"{self.number(count)} {unit}" for count, unit in parts if count][:2]
        sign = "\N{MINUS SIGN}" if length < timedelta(0) else ""
        return sign + (" ".join(said) if said else f"{seconds} s")
