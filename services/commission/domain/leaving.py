"""Leavers: what they had earned and were not paid yet when they left."""

from dataclasses import replace
from fractions import Fraction

from services.commission.domain.components import CAP, Line
from services.commission.domain.derivation import step
from services.commission.domain.findings import LEFT_UNPAID, finding
from services.commission.domain.quantities import Quantity
from shared.contracts.roster import Rep
from shared.contracts.timing import FORFEITED
from shared.periods import Period


def after_leaving(line: Line, rep: Rep, period: Period) -> Line:
    """Return a line as a leaver is paid it: nothing of what was unpaid on leaving, where the plan says so.

    The pay of a period is unpaid when somebody leaves in it or at its end. What is taken back stays, but for what a
    cap took from that pay.
    """
    leavers, left = line.plan.time.leavers, rep.left
    if leavers is None or leavers.unpaid != FORFEITED or left is None or left > period.last:
        return line
    if line.amount <= 0 and line.kind != CAP:
        return line
    lost, nothing = (Quantity(value, line.plan.currency) for value in (line.unrounded, Fraction(0)))
    said = step("forfeited", nothing, left=left.isoformat(), amount=lost)
    note = finding(LEFT_UNPAID, line.component.id, amount=lost, period=period.id, left=left.isoformat())
    unpaid = replace(line, amount=0, unrounded=Fraction(0), carried=0, room=None, steps=(*line.steps, said))
    return unpaid if line.kind == CAP else replace(unpaid, findings=(*line.findings, note))
