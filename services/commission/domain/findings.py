"""What HR must look at before paying: exceptions as data, each with the sentence that says what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.commission.domain.quantities import Operand, show

NOT_A_MEMBER, NO_PLAN, OTHER_PERIOD = "not-a-member", "no-plan", "other-period"
MISSING_TARGET, ZERO_TARGET = "missing-target", "zero-target"
UNKNOWN_METRIC, OTHER_CURRENCY = "unknown-metric", "other-currency"
LATE_REFUSED, WRITTEN_OFF, FORFEITED = "late-refused", "written-off", "forfeited"
LEFT_UNPAID, MENTOR_TWICE = "left-unpaid", "mentor-twice"
BELOW_ZERO, OVER_CAP, CHANGED_IN_PERIOD = "below-zero", "over-cap", "changed-in-period"
CARRIED_OVER, NO_SHARES = "carried-over", "no-shares"

BLOCKING = frozenset(
    {NOT_A_MEMBER, NO_PLAN, OTHER_PERIOD, MISSING_TARGET, ZERO_TARGET, UNKNOWN_METRIC, OTHER_CURRENCY, NO_SHARES}
)
"""With these, something is not paid; the others only deserve a look."""

SENTENCES: Mapping[str, Mapping[str, str]] = {
    NOT_A_MEMBER: {
        "nl": "Was in {period} in geen enkel team. Klopt dat niet, vul dan het lidmaatschap in de roster aan.",
        "en": "Was in no team in {period}. If that is wrong, complete the membership in the roster.",
    },
    NO_PLAN: {
        "nl": "Geen plan van {first} tot {last} in {team}. Zet het team of de persoon in een plan.",
        "en": "No plan from {first} until {last} in {team}. Put the team or the person in a plan.",
    },
    OTHER_PERIOD: {
        "nl": "Plan {plan} betaalt per {paid_by}; vraag zo'n tijdvak op.",
        "en": "Plan {plan} pays by the {paid_by}; ask for such a period.",
    },
    MISSING_TARGET: {
        "nl": "Geen doel voor {whose}, {metric}, {period}. Zet het bij de doelen; tot dan betaalt dit onderdeel niets.",
        "en": "No target for {whose}, {metric}, {period}. Add it to the targets; until then nothing is paid for it.",
    },
    ZERO_TARGET: {
        "nl": "Het doel van {whose}, {metric}, {period} is nul; een percentage daarvan bestaat niet. Geef een doel.",
        "en": "The target of {whose}, {metric}, {period} is zero; there is no percentage of it. Give a target.",
    },
    UNKNOWN_METRIC: {
        "nl": "Het draaiboek kent {metric} niet. Verbeter de naam in het plan of voeg de maatstaf toe.",
        "en": "The playbook does not know {metric}. Correct the name in the plan or add the metric.",
    },
    OTHER_CURRENCY: {
        "nl": "{metric} telt in {unit}, het plan betaalt in {currency}; voor {day} is geen koers vastgelegd.",
        "en": "{metric} counts in {unit}, the plan pays in {currency}; no rate is stored for {day} (exchange).",
    },
    BELOW_ZERO: {
        "nl": "Het resultaat ({metric}) is onder nul en telt als nul.",
        "en": "The result ({metric}) is below zero and counts as zero.",
    },
    OVER_CAP: {
        "nl": "Boven het maximum: {lost} wordt niet betaald.",
        "en": "Over the cap: {lost} is not paid.",
    },
    LATE_REFUSED: {
        "nl": "{period} verschilt nog {amount}, maar te laat volgens het plan: dat wordt niet meer gecorrigeerd.",
        "en": "{period} differs by {amount}, too late as the plan says: that is not adjusted any more.",
    },
    WRITTEN_OFF: {
        "nl": "{period} verschilt {amount} na vertrek: het plan boekt dat af.",
        "en": "{period} differs by {amount} after leaving: the plan writes that off.",
    },
    FORFEITED: {
        "nl": "{period} verschilt {amount} na vertrek: volgens het plan vervalt dat.",
        "en": "{period} differs by {amount} after leaving: as the plan says, that is forfeited.",
    },
    MENTOR_TWICE: {
        "nl": "Het draaiboek geeft een mentor al een deel van {metric}; dit onderdeel telt dat nog eens.",
        "en": "The playbook gives a mentor a part of {metric} already; this component counts it again.",
    },
    LEFT_UNPAID: {
        "nl": "{amount} over {period} was bij vertrek op {left} nog niet betaald en vervalt volgens het plan.",
        "en": "{amount} of {period} was not paid yet on leaving on {left}, and is forfeited as the plan says.",
    },
    CARRIED_OVER: {
        "nl": "Boven het maximum: {lost} wordt nu niet betaald en bewaard voor later.",
        "en": "Over the cap: {lost} is not paid now and kept for later.",
    },
    NO_SHARES: {
        "nl": "De pot kan niet worden verdeeld: niemand heeft er een deel in. Kijk naar gewichten en lidmaatschappen.",
        "en": "The pool cannot be shared: nobody has a part in it. Look at the weights and the memberships.",
    },
    CHANGED_IN_PERIOD: {
        "nl": "Team, fte of plan veranderde in {period}: het tijdvak is naar dagen verdeeld.",
        "en": "Team, FTE or plan changed in {period}: the period is divided by days.",
    },
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One exception: its code, the component it concerns (None: the whole statement), and its particulars."""

    code: str
    component: str | None = None
    about: Mapping[str, Operand] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Tell whether something is not paid because of it."""
        return self.code in BLOCKING


def finding(code: str, component: str | None = None, **about: Operand) -> Finding:
    """Build an exception with its particulars by name."""
    return Finding(code, component, about)


def sentence(one: Finding, language: str) -> str:
    """Say an exception in `language` (nl, en)."""
    return SENTENCES[one.code][language].format(**{name: show(value, language) for name, value in one.about.items()})
