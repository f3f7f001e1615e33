"""The draw of a plan in words."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from services.commission.domain.quantities import RATIO, Quantity, show
from shared.contracts.draw import LOAN, TOP_UP, Draw
from shared.contracts.plan import Plan
from shared.money import exponent

ONE = Fraction(1)

WORDS: Mapping[str, Mapping[str, str]] = {
    TOP_UP: {
        "nl": "Wie minder verdient, krijgt een voorschot tot {amount}{prorated}{until}.",
        "en": "Who earns less has a draw up to {amount}{prorated}{until}.",
    },
    LOAN: {
        "nl": "Boven op wat verdiend wordt komt een voorschot van {amount}{prorated}{until}.",
        "en": "On top of what is earned comes a draw of {amount}{prorated}{until}.",
    },
    "prorated": {"nl": ", naar de dagen in het plan", "en": ", by the days in the plan"},
    "until": {"nl": ", in tijdvakken die voor {day} beginnen", "en": ", in periods that begin before {day}"},
    "kept": {"nl": "Het hoeft niet te worden terugverdiend.", "en": "It does not have to be earned back."},
    f"back-{TOP_UP}": {
        "nl": "Vanaf {day} wordt het verrekend met wat daarboven verdiend wordt{most}.",
        "en": "From {day} on it is taken back of what is earned above it{most}.",
    },
    f"back-{LOAN}": {
        "nl": "Vanaf {day} wordt het verrekend met wat verdiend wordt{most}.",
        "en": "From {day} on it is taken back of what is earned{most}.",
    },
    "most": {"nl": ", ten hoogste {part} daarvan per tijdvak", "en": ", at most {part} of that in a period"},
}


def draw_in_words(plan: Plan, language: str) -> Iterator[str]:
    """Yield the draw of a plan as sentences in `language` (nl, en); nothing where there is none."""
    if plan.draw is None:
        return
    draw, amount = plan.draw, Quantity(Fraction(plan.draw.amount, 10 ** exponent(plan.currency)), plan.currency)
    prorated = WORDS["prorated"][language] if draw.prorated else ""
    until = WORDS["until"][language].format(day=draw.until.isoformat()) if draw.until else ""
    yield WORDS[draw.meaning][language].format(amount=show(amount, language), prorated=prorated, until=until)
    yield _back(draw, language)


def _back(draw: Draw, language: str) -> str:
    if not draw.recoverable or draw.recover_from is None:
        return WORDS["kept"][language]
    part = show(Quantity(draw.at_most, RATIO), language)
    most = WORDS["most"][language].format(part=part) if draw.at_most < ONE else ""
    return WORDS[f"back-{draw.meaning}"][language].format(day=draw.recover_from.isoformat(), most=most)
