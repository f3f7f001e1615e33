"""The sentences of the steps where time, people and currencies meet a plan."""

# ruff: noqa: RUF001  the multiplication sign is meant: the sentences are for people

from collections.abc import Mapping

_LEAVE_NL, _LEAVE_EN = " (verlof van {away} dagen telt niet mee)", " (leave of {away} days does not count)"


def _shares() -> Mapping[str, Mapping[str, str]]:
    """Return the sentence of each way in which a share of a period is counted."""
    found: dict[str, Mapping[str, str]] = {}
    for days, nl, en in (("days", "kalenderdagen", "calendar days"), ("working-days", "werkdagen", "working days")):
        for fte, more_nl, more_en in (("", "", ""), ("-and-fte", " × {fte} fte", " × {fte} FTE")):
            for leave, why_nl, why_en in (("", "", ""), ("-without-leave", _LEAVE_NL, _LEAVE_EN)):
                found[f"share-of-{days}{fte}{leave}"] = {
                    "nl": f"Van {{first}} tot {{last}} in {{team}}: {{days}} van {{of}} {nl}{why_nl}{more_nl}, "
                    "dus {result}.",
                    "en": f"From {{first}} until {{last}} in {{team}}: {{days}} of {{of}} {en}{why_en}{more_en}, "
                    "so {result}.",
                }
    return found


TIME_SENTENCES: Mapping[str, Mapping[str, str]] = {
    **_shares(),
    "own-result-of-days": {
        "nl": "Het eigen resultaat van {first} tot {last} is {result}.",
        "en": "The own result from {first} until {last} is {result}.",
    },
    "own-target-of-days": {
        "nl": "Het eigen doel van {first} tot {last} is {result}.",
        "en": "The own target from {first} until {last} is {result}.",
    },
    "part-of-target": {
        "nl": "Daarvan {share}: {target} × {share} = {result}.",
        "en": "Of that {share}: {target} × {share} = {result}.",
    },
    "ramp": {
        "nl": "Inwerktijd: van {first} tot {last} telt {result} van het doel.",
        "en": "Ramp: from {first} until {last}, {result} of the target counts.",
    },
    "newcomer": {
        "nl": "Het doel van {rep}, die wordt ingewerkt, is {result} lager.",
        "en": "The target of {rep}, who is new, is {result} less.",
    },
    "team-target-lowered": {
        "nl": "Daarmee daalt het doel van het team van {target} naar {result}.",
        "en": "With that the team's target goes down from {target} to {result}.",
    },
    "target-to-date": {
        "nl": "Samen is het doel over {period} {result}.",
        "en": "Together the target over {period} is {result}.",
    },
    "exchanged": {
        "nl": "{amount} tegen de koers {rate} van {on} ({said_by}) = {result}.",
        "en": "{amount} at the rate {rate} of {on} ({said_by}) = {result}.",
    },
    "exchanged-sum": {
        "nl": "Omgerekend samen {result}.",
        "en": "Exchanged, together {result}.",
    },
    "mentee": {
        "nl": "Als mentor van {mentee}, {first} tot {last}: {share} van {amount} = {result}.",
        "en": "As mentor of {mentee}, {first} until {last}: {share} of {amount} = {result}.",
    },
    "result-with-mentees": {
        "nl": "Met het deel als mentor telt {result}.",
        "en": "With the mentor's part {result} counts.",
    },
    "to-date": {
        "nl": "Over {period} is dat {result}.",
        "en": "Over {period} that is {result}.",
    },
    "before": {
        "nl": "Over {period}, de eerdere tijdvakken, geeft dezelfde berekening {result}.",
        "en": "Over {period}, the earlier periods, the same arithmetic gives {result}.",
    },
    "rise": {
        "nl": "Nu wordt het verschil betaald: {amount} - {before} = {result}.",
        "en": "Now the difference is paid: {amount} - {before} = {result}.",
    },
    "rounded-rise": {
        "nl": "Samen met wat eerder betaald is ({before}) afgerond, min dat afgerond, in {currency}: {result}.",
        "en": "Rounded together with what was paid before ({before}), less that rounded, in {currency}: {result}.",
    },
    "held-back": {
        "nl": "{share} daarvan wacht per deal op {until}: {amount} × {share} = {result}.",
        "en": "{share} of it waits deal by deal for {until}: {amount} × {share} = {result}.",
    },
    "released-now": {
        "nl": "Deal {deal}: {part} van {held} is al vrij, dus {result}.",
        "en": "Deal {deal}: {part} of {held} has come free already, so {result}.",
    },
    "paid-now": {
        "nl": "Nu betaald: {amount} - {held} + {released} = {result}.",
        "en": "Paid now: {amount} - {held} + {released} = {result}.",
    },
    "earned-in": {
        "nl": "In {period} verdiende dit onderdeel {result}, waarvan {share} wachtte op {until}.",
        "en": "In {period} this component earned {result}, of which {share} waited for {until}.",
    },
    "released": {
        "nl": "Deal {deal}: van {held} komt nu {part} vrij, dus {result}.",
        "en": "Deal {deal}: of {held}, {part} comes free now, so {result}.",
    },
    "guaranteed": {
        "nl": "De garantie is {amount}; van het tijdvak telt {share}, dus {result}.",
        "en": "The guarantee is {amount}; {share} of the period counts, so {result}.",
    },
    "raised-to-guarantee": {
        "nl": "Het plan betaalt {amount}; tot de garantie komt er {result} bij.",
        "en": "The plan pays {amount}; {result} is added up to the guarantee.",
    },
    "forfeited": {
        "nl": "Vertrokken op {left}: {amount} was nog niet betaald en vervalt, dus {result}.",
        "en": "Left on {left}: {amount} was not paid yet and is forfeited, so {result}.",
    },
}
