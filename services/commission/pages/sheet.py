"""A statement as it is read, on screen and on paper alike: every figure written out in one language.

Kept apart from both, so that a page and a PDF can never say different things.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

from services.commission.domain import derivation, findings
from services.commission.domain.balances import Balance
from services.commission.domain.components import Line
from services.commission.domain.derivation import Step
from services.commission.domain.paylines import EARNED, RunLine
from services.commission.domain.quantities import RATIO, Quantity, show
from services.commission.domain.rewards import Progress
from services.commission.domain.segments import Segment
from services.commission.handlers.stating import Told
from services.commission.pages.parts import Beside, Held, Prize, Reader, Row, Said, Sheet
from shared.web.figures import NONE

ONE_DAY = timedelta(days=1)
_COLUMNS = (
    *("component", "result", "target", "attainment", "amount", "derivation", "others", "remarks", "total", "lines"),
    *("old", "new", "balances", "opening", "closing", "rewards", "reward", "reached", "needed", "state"),
)


def sheet(told: Told, reader: Reader) -> Sheet:
    """Write a statement out for a reader."""
    t, one = reader.t, told.statement
    remarks = (*(one.findings if one else ()), *told.notes)
    return Sheet(
        title=t("statement.title"),
        payee=told.name,
        period=told.period.id,
        organisation=told.league.roster.organisation.name,
        status=t(f"state.{told.run.state}") if told.run else t("state.estimate"),
        totals=tuple(reader.money(minor, currency) for currency, minor in totals_of(told).items()) or (NONE,),
        facts=tuple(_facts(told, reader)),
        rows=tuple(_row(line, told, reader) for line in (one.lines if one else ())),
        others=tuple(_other(line, told, reader) for line in told.lines if line.kind != EARNED and line.amount),
        balances=tuple(_balance(each, reader) for each in told.balances if each.opening or each.movements),
        prizes=tuple(_prize(each, told, reader) for each in (one.rewards if one else ())),
        remarks=tuple(findings.sentence(found, reader.language) for found in remarks),
        columns={name: t(f"statement.{name}") for name in _COLUMNS},
        foot=tuple(_foot(told, reader)),
    )


def totals_of(told: Told) -> Mapping[str, int]:
    """Return what is paid in minor units by currency: the lines of the run where there is one, else the estimate."""
    sums = dict.fromkeys(told.statement.totals, 0) if told.statement else {}
    for line in told.lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount
    return sums if told.run else dict(told.statement.totals if told.statement else {})


def _facts(told: Told, reader: Reader) -> Iterator[tuple[str, str]]:
    t, f, period = reader.t, reader.f, told.period
    first, last = f.day(period.first), f.day(period.last - ONE_DAY)
    yield t("statement.days"), t("statement.from_to", first=first, last=last, zone=f.zone.key)
    for part in told.statement.segments if told.statement else ():
        yield t("statement.team"), _segment(part, told, reader)
    for label in _plans(told, reader):
        yield t("statement.plan"), label
    yield t("statement.as_of"), f.zoned(told.as_of)


def _segment(part: Segment, told: Told, reader: Reader) -> str:
    about = {"team": team_name(told, part.team)}
    if (part.first, part.last) == (told.period.first, told.period.last):
        said = about["team"]
    else:
        days = {"first": reader.f.day(part.first), "last": reader.f.day(part.last - ONE_DAY)}
        said = reader.t("statement.segment", **about, **days)
    return f"{said} ({show(Quantity(part.fte, RATIO), reader.language)})" if part.fte != 1 else said


def team_name(told: Told, team: str | None) -> str:
    """Return the name of a team, or its id when the roster has dropped it."""
    known = told.league.roster.teams.get(team or "")
    return known.name if known else team or ""


def _plans(told: Told, reader: Reader) -> Iterable[str]:
    """Return the plans of the lines with their versions, each once."""
    said = (
        reader.t("statement.version", plan=reader.label(line.plan.label, line.plan.id), version=line.version)
        for line in (told.statement.lines if told.statement else ())
    )
    return dict.fromkeys(said)


def _row(line: Line, told: Told, reader: Reader) -> Row:
    attainment = None if line.attainment is None else Quantity(line.attainment, RATIO)
    plans = {each.plan.id for each in told.statement.lines} if told.statement else set()
    plan = reader.label(line.plan.label, line.plan.id) if len(plans) > 1 else ""
    about = [team_name(told, line.team), plan, line.origin.id if line.origin else ""]
    return Row(
        label=reader.label(line.component.label, line.component.id),
        about=", ".join(filter(None, about)),
        result=reader.shown(line.result),
        target=reader.shown(line.target),
        attainment=reader.shown(attainment),
        amount=reader.money(line.amount, line.plan.currency),
        sentences=tuple(_said(step, reader) for step in line.steps),
        line=_line_of(line, told),
    )


def _line_of(line: Line, told: Told) -> str | None:
    """Return the line of the run that pays a line of the statement; None in an estimate."""
    wanted = (line.plan.id, line.version, line.component.id, line.team, line.origin.id if line.origin else None)
    for each in told.lines:
        if each.kind == EARNED and (each.plan, each.version, each.component, each.team, each.earned_in) == wanted:
            return each.id
    return None


def _said(step: Step, reader: Reader) -> Said:
    return Said(derivation.sentence(step, reader.language), step.source.credits if step.source else None)


def _other(line: RunLine, told: Told, reader: Reader) -> Beside:
    """Write out a line beside the components: an adjustment with what was and what is, a draw, a balance."""
    component = line.component and _label_of(line, told, reader)
    old, new = (NONE if each is None else reader.money(each, line.currency) for each in (line.old, line.new))
    return Beside(
        label=reader.t(f"kind.{line.kind}", code=component or line.code, period=line.earned_in or line.origin_period),
        about=team_name(told, line.team),
        old=old,
        new=new,
        amount=reader.money(line.amount, line.currency),
        sentences=tuple(_why(line, reader)),
        line=line.id,
    )


def _label_of(line: RunLine, told: Told, reader: Reader) -> str:
    plans = (plan for version in told.league.plans for plan in version.plans.plans if plan.id == line.plan)
    found = (one for plan in plans for one in plan.components if one.id == line.component)
    return next((reader.label(one.label, one.id) for one in found), line.code)


def _why(line: RunLine, reader: Reader) -> Iterator[Said]:
    """Say why a line is there: what was and what is, the credits that came late, the documents that changed."""
    t = reader.t
    if line.old is not None and line.new is not None:
        old, new = reader.money(line.old, line.currency), reader.money(line.new, line.currency)
        yield Said(t("statement.old_new", old=old, new=new, amount=reader.money(line.amount, line.currency)))
    if line.reason:
        yield Said(line.reason)
    for credit in line.credits:
        yield Said(t("statement.late", credit=credit), f"/scoring/v1/credits/{quote(credit)}")
    if line.more > len(line.credits):
        yield Said(t("statement.late_more", count=reader.f.number(line.more - len(line.credits))))
    for changed in line.documents:
        yield Said(t("statement.changed", document=changed))
    if line.origin_run:
        yield Said(t("statement.origin", run=line.origin_run, line=line.origin_line or NONE))


def _balance(one: Balance, reader: Reader) -> Held:
    t, currency = reader.t, one.account.currency
    label = t(f"balance.{one.account.kind}")
    moves = (
        f"{t.or_else(f'move.{name}', name)} {reader.money(minor, currency)}" for name, minor in one.movements.items()
    )
    about = f" ({one.account.about})" if one.account.about else ""
    return Held(label + about, reader.money(one.opening, currency), tuple(moves), reader.money(one.closing, currency))


def _prize(one: Progress, told: Told, reader: Reader) -> Prize:
    t, reward = reader.t, one.reward
    cost = {"each": reader.money(reward.cost, one.plan.currency), "all": reader.money(one.cost, one.plan.currency)}
    said = [_said(step, reader) for step in one.steps]
    if one.problem:
        said.append(Said(findings.sentence(one.problem, reader.language)))
    said.append(Said(t("reward.who", who=", ".join(name for _, name in one.who) or NONE)))
    said.append(Said(t("reward.cost", **cost)))
    return Prize(
        label=reader.label(reward.label, reward.id),
        about=team_name(told, one.team),
        reached=reader.shown(one.reached),
        needed=reader.shown(one.needed),
        part=min(float(one.part), 1.0),
        won=one.won,
        state=t("reward.won" if one.won else "reward.under_way"),
        sentences=tuple(said),
    )


def _foot(told: Told, reader: Reader) -> Iterator[str]:
    if told.run is None:
        yield reader.t("statement.estimate")
        return
    run: Sequence[str] = (told.run.id, told.run.engine)
    yield reader.t("statement.run", run=run[0], engine=run[1])
    yield reader.t("statement.hashes", inputs=told.run.inputs, outputs=told.run.outputs)
