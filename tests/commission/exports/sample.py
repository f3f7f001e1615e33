"""Two employers, three payees, one approved run."""

from datetime import date

from services.commission.domain.booking import Booking, book
from services.commission.domain.employers import LAYOUTS, Payroll, PayrollPeriod
from services.commission.domain.paylines import ADJUSTMENT, EARNED, PayLine
from services.commission.schemas.payroll import parse_payroll

DAY = date(2026, 11, 25)
OPEN = PayrollPeriod(2026, 11, "month")


def payroll(layout: str = "neutral") -> Payroll:
    assert layout in LAYOUTS
    more = {"nmbrs": {"debtor": "1001"}, "loket": {"shift": "1"}, "afas": {"period_table": "5"}}.get(layout, {})
    return parse_payroll(
        {
            "employers": [
                {
                    "id": "noord",
                    "name": "Noord BV",
                    "layout": layout,
                    "number": "12",
                    "period_type": "month",
                    "components": {"eigen": "5100", "team": "5101", "*": "5190"},
                    **more,
                }
            ],
            "employments": [
                {"rep": "sanne", "employer": "noord", "number": "120", "from": "2020-01-01"},
                {"rep": "daan", "employer": "noord", "number": "7", "from": "2026-03-01", "to": "2026-11-15"},
                {"rep": "yusuf", "employer": "noord", "number": "33", "from": "2026-01-01"},
            ],
        }
    )


def line(line_id: str, rep: str, code: str, amount: int, **more: str) -> PayLine:
    said = {"kind": EARNED, "name": rep.capitalize(), "description": f"{code} 2026-10", "currency": "EUR", **more}
    return PayLine(
        *("run-7", line_id, "", rep, rep, said["name"], said["kind"], code),
        *(amount, said["currency"], "2026-10", said["description"]),
    )


LINES = (
    line("sanne/eigen", "sanne", "eigen", 60_050),
    line("sanne/team", "sanne", "team", 45_000),
    line("sanne/late", "sanne", "eigen", -10_000, kind=ADJUSTMENT, description="Correctie eigen 2026-09"),
    line("daan/eigen", "daan", "eigen", 123_456, name="=cmd|' /C calc'!A0"),
    line("yusuf/eigen", "yusuf", "eigen", 5_000),
    line("yusuf/late", "yusuf", "eigen", -5_000, kind=ADJUSTMENT),
    line("yusuf/manual", "yusuf", "manual", -1_999, kind="manual", description="-Manual adjustment 4"),
)


def booking(layout: str = "neutral") -> Booking:
    (made,), problems = book(LINES, payroll(layout), {"noord": OPEN}, DAY)
    assert not problems
    return made
