"""The derivation of a payout: its steps as data, and the sentence that says each."""

# ruff: noqa: RUF001  the multiplication sign is meant: the sentences are for people

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from services.commission.domain.pay_sentences import PAY_SENTENCES
from services.commission.domain.quantities import Operand, Quantity, show
from services.commission.domain.time_sentences import TIME_SENTENCES

SENTENCES: Mapping[str, Mapping[str, str]] = {
    **TIME_SENTENCES,
    **PAY_SENTENCES,
    "incentive": {
        "nl": "De doelbeloning is {result} voor een heel tijdvak ({plan}).",
        "en": "The target incentive is {result} for a whole period ({plan}).",
    },
    "own-incentive": {
        "nl": "De eigen doelbeloning is {result} voor een heel tijdvak ({plan}).",
        "en": "The own target incentive is {result} for a whole period ({plan}).",
    },
    "base": {
        "nl": "Bij 100 % betaalt dit onderdeel {incentive} × {weight} = {result}.",
        "en": "At 100% this component pays {incentive} × {weight} = {result}.",
    },
    "base-of-share": {
        "nl": "Bij 100 % betaalt dit onderdeel {incentive} × {weight} × {share} = {result}.",
        "en": "At 100% this component pays {incentive} × {weight} × {share} = {result}.",
    },
    "own-result": {
        "nl": "Het eigen resultaat in {period} is {result}.",
        "en": "The own result in {period} is {result}.",
    },
    "own-result-in-plan": {
        "nl": "Het eigen resultaat op de dagen in dit plan is {result}.",
        "en": "The own result on the days in this plan is {result}.",
    },
    "team-result": {
        "nl": "Het resultaat van {team} in heel {period} is {result}.",
        "en": "The result of {team} in the whole of {period} is {result}.",
    },
    "own-target": {
        "nl": "Het eigen doel voor {period} is {result}.",
        "en": "The own target for {period} is {result}.",
    },
    "team-target": {
        "nl": "Het doel van {team} voor {period} is {result}.",
        "en": "The target of {team} for {period} is {result}.",
    },
    "attainment": {
        "nl": "{amount} ÷ {target} = {result} van het doel.",
        "en": "{amount} ÷ {target} = {result} of the target.",
    },
    "below-zero": {
        "nl": "Een resultaat onder nul ({amount}) telt als {result}.",
        "en": "A result below zero ({amount}) counts as {result}.",
    },
    "linear": {
        "nl": "Recht evenredig: {amount} telt als {result}.",
        "en": "In direct proportion: {amount} counts as {result}.",
    },
    "tier": {
        "nl": "Deel vanaf {start}: {amount} × {rate} = {result}.",
        "en": "Slice from {start}: {amount} × {rate} = {result}.",
    },
    "whole-tier": {
        "nl": "Schijf vanaf {start} bereikt, geldt voor alles: {amount} × {rate} = {result}.",
        "en": "Tier from {start} reached, holds for everything: {amount} × {rate} = {result}.",
    },
    "point": {
        "nl": "Het punt bij {start} betaalt {result}.",
        "en": "The point at {start} pays {result}.",
    },
    "line": {
        "nl": "Vanaf {start} rechtlijnig verder: {amount} × {rate} = {result}.",
        "en": "From {start} on along a straight line: {amount} × {rate} = {result}.",
    },
    "sum": {
        "nl": "Samen {result}.",
        "en": "Together {result}.",
    },
    "cap": {
        "nl": "Ten hoogste {most}: van {amount} telt {result}, de rest wordt niet betaald.",
        "en": "At most {most}: of {amount}, {result} counts; the rest is not paid.",
    },
    "payout": {
        "nl": "{base} × {multiple} = {result}.",
        "en": "{base} × {multiple} = {result}.",
    },
    "rate": {
        "nl": "{amount} tegen {rate} per eenheid = {result}.",
        "en": "{amount} at {rate} a unit = {result}.",
    },
    "share-of-rate": {
        "nl": "Daarvan {share}: {amount} × {share} = {result}.",
        "en": "Of that {share}: {amount} × {share} = {result}.",
    },
    "money-cap": {
        "nl": "Ten hoogste {most}: van {amount} wordt {result} betaald, de rest niet.",
        "en": "At most {most}: of {amount}, {result} is paid; the rest is not.",
    },
    "rounded": {
        "nl": "Eén keer afgerond op de kleinste eenheid van {currency}, halve naar boven: {result}.",
        "en": "Rounded once to the smallest unit of {currency}, halves up: {result}.",
    },
    "not-paid": {
        "nl": "Dit onderdeel kan niet worden berekend en betaalt {result}: zie de uitzondering.",
        "en": "This component cannot be computed and pays {result}: see the exception.",
    },
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from: the credits of a rep, a team or (neither) everybody in a metric and period."""

    metric: str
    period: str
    rep: str | None = None
    team: str | None = None

    @property
    def credits(self) -> str:
        """Where these credits are."""
        owner = {"rep": self.rep} if self.rep else {"team": self.team} if self.team else {}
        return "/scoring/v1/credits?" + urlencode({**owner, "metric": self.metric, "period": self.period})


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name (a key of SENTENCES), what went in, what came out, and the credits behind it."""

    name: str
    result: Quantity
    operands: Mapping[str, Operand] = field(default_factory=dict)
    source: Source | None = None


def step(name: str, result: Quantity, source: Source | None = None, /, **operands: Operand) -> Step:
    """Build a step with its operands by name."""
    return Step(name, result, operands, source)


def sentence(one: Step, language: str) -> str:
    """Say a step in `language` (nl, en)."""
    shown = {name: show(operand, language) for name, operand in one.operands.items()}
    return SENTENCES[one.name][language].format(result=show(one.result, language), **shown)
