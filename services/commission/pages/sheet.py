"""A statement as it is read, on screen and on paper alike: every figure written out in one language.

Kept apart from both, so that a page and a PDF can never say different things.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from services.commission.domain import derivation, findings
from services.commission.domain.components import Line
from services.commission.domain.derivation import Source
from services.commission.domain.paylines import EARNED, RunLine
from services.commission.domain.quantities import RATIO, Quantity, show
from services.commission.domain.segments import Segment
from services.commission.domain.statements import Statement
from shared.web.figures import NONE, Figures
from shared.web.words import Words

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """The run that a statement belongs to; None in its place means a live estimate."""

    id: str
    state: str
    inputs: str
    outputs: str
    engine: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of money: what for, from which result, how much."""

    label: str
    about: str
    result: str
    target: str
    attainment: str
    amount: str
    sentences: tuple[str, ...] = ()
    credits: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A statement written out; `facts` are pairs of name and value, `remarks` what HR or the payee must look at."""

    title: str
    payee: str
    period: str
    organisation: str
    status: str
    totals: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    remarks: tuple[str, ...]
    columns: Mapping[str, str]
    foot: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the sentences and the figures of their language."""

    t: Words
    f: Figures

    @property
    def language(self) -> str:
        """The language read in."""
        return self.t.language

    def said(self, texts: Mapping[str, str], otherwise: str) -> str:
        """Return a label in the reader's language."""
        return texts.get(self.language) or next(iter(texts.values()), otherwise)


@dataclass(frozen=True, slots=True)
class Paper:
    """What a sheet is made of: the statement, whose organisation it is, the lines beside it, and where it stands."""

    statement: Statement
    organisation: str
    as_of: datetime | None
    team_name: Callable[[str], str]
    lines: Sequence[RunLine] = ()
    run: Run | None = None


def sheet(paper: Paper, reader: Reader) -> Sheet:
    """Write a statement out for a reader."""
    one, t = paper.statement, reader.t
    others = tuple(_other(line, reader) for line in paper.lines if line.kind != EARNED and line.amount)
    return Sheet(
        title=t("statement.title"),
        payee=one.rep.name,
        period=one.period.id,
        organisation=paper.organisation,
        status=t(f"state.{paper.run.state}") if paper.run else t("state.estimate"),
        totals=tuple(_totals(paper, reader)) or (NONE,),
        facts=tuple(_facts(paper, reader)),
        rows=tuple(_row(line, paper, reader) for line in one.lines),
        others=others,
        remarks=tuple(findings.sentence(found, reader.language) for found in one.findings),
        columns={name: t(f"statement.{name}") for name in _COLUMNS},
        foot=tuple(_foot(paper, reader)),
    )


_COLUMNS = (
    "component",
    "result",
    "target",
    "attainment",
    "amount",
    "derivation",
    "others",
    "remarks",
    "total",
    "lines",
)


def _totals(paper: Paper, reader: Reader) -> Iterator[str]:
    """Yield what is paid in each currency: the lines of the run where there is one, else of the estimate."""
    sums: dict[str, int] = {}
    for line in paper.lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount
    for currency, minor in (sums if paper.lines else dict(paper.statement.totals)).items():
        yield reader.f.money(minor, currency)


def _facts(paper: Paper, reader: Reader) -> Iterator[tuple[str, str]]:
    one, t, f = paper.statement, reader.t, reader.f
    first, last = f.day(one.period.first), f.day(one.period.last - ONE_DAY)
    yield t("statement.days"), t("statement.from_to", first=first, last=last, zone=f.zone.key)
    for part in one.segments:
        yield t("statement.team"), _segment(part, paper, reader)
    for label in _plans(one, reader):
        yield t("statement.plan"), label
    yield t("statement.as_of"), f.zoned(paper.as_of)


def _segment(part: Segment, paper: Paper, reader: Reader) -> str:
    first, last = reader.f.day(part.first), reader.f.day(part.last - ONE_DAY)
    about = {"team": paper.team_name(part.team), "first": first, "last": last}
    fte = show(Quantity(part.fte, RATIO), reader.language)
    return reader.t("statement.segment", **about) + (f" ({fte})" if part.fte != 1 else "")


def _plans(one: Statement, reader: Reader) -> Iterable[str]:
    """Return the plans of the lines with their versions, each once."""
    said = (
        reader.t("statement.version", plan=reader.said(line.plan.label, line.plan.id), version=line.version)
        for line in one.lines
    )
    return dict.fromkeys(said)


def _row(line: Line, paper: Paper, reader: Reader) -> Row:
    attainment = None if line.attainment is None else Quantity(line.attainment, RATIO)
    source = next((step.source for step in line.steps if step.source), None)
    return Row(
        label=reader.said(line.component.label, line.component.id),
        about=paper.team_name(line.team) if line.team else "",
        result=_shown(line.result, reader),
        target=_shown(line.target, reader),
        attainment=_shown(attainment, reader),
        amount=reader.f.money(line.amount, line.plan.currency),
        sentences=tuple(derivation.sentence(step, reader.language) for step in line.steps),
        credits=credits_of(source) if source else None,
    )


def _shown(quantity: Quantity | None, reader: Reader) -> str:
    return NONE if quantity is None else show(quantity, reader.language)


def credits_of(source: Source) -> str:
    """Return where the credits are that make a number."""
    owner = {"rep": source.rep} if source.rep else {"team": source.team} if source.team else {}
    return "/scoring/v1/credits?" + urlencode({**owner, "metric": source.metric, "period": source.period})


def _other(line: RunLine, reader: Reader) -> Row:
    """Write out a line beside the components: an adjustment with what was and what is, a draw, a balance."""
    f, said = reader.f, []
    if line.old is not None and line.new is not None:
        old, new = f.money(line.old, line.currency), f.money(line.new, line.currency)
        said.append(reader.t("statement.old_new", old=old, new=new, amount=f.money(line.amount, line.currency)))
    if line.reason:
        said.append(line.reason)
    if line.origin_run:
        said.append(reader.t("statement.origin", run=line.origin_run, line=line.origin_line or NONE))
    label = reader.t(f"kind.{line.kind}", code=line.code, period=line.origin_period)
    return Row(label, line.team or "", NONE, NONE, NONE, f.money(line.amount, line.currency), tuple(said))


def _foot(paper: Paper, reader: Reader) -> Iterator[str]:
    if paper.run is None:
        yield reader.t("statement.estimate")
        return
    run = paper.run
    yield reader.t("statement.run", run=run.id, engine=run.engine)
    yield reader.t("statement.hashes", inputs=run.inputs, outputs=run.outputs)
