"""How pay is derived, in words: thresholds, deals, gates, modifiers, pools, limits and rounding."""
# ruff: noqa: RUF001  the multiplication sign is meant: the sentences are for people

from collections.abc import Mapping

PAY_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "own-amount": {
        "nl": "Bij 100 % is het bedrag {result} voor een heel tijdvak.",
        "en": "At 100% the amount is {result} for a whole period.",
    },
    "below": {
        "nl": "{amount} haalt {start} niet: dat telt als {result}.",
        "en": "{amount} does not reach {start}: it counts as {result}.",
    },
    "linear-above": {
        "nl": "Recht evenredig boven {start}: {amount} telt als {result}.",
        "en": "In direct proportion above {start}: {amount} counts as {result}.",
    },
    "at-threshold": {
        "nl": "De drempel van {start} is bereikt en betaalt {result}.",
        "en": "The threshold of {start} is reached and pays {result}.",
    },
    "whole-tier-above": {
        "nl": "Schijf vanaf {start} bereikt, geldt voor alles boven de drempel: {amount} × {rate} = {result}.",
        "en": "Tier from {start} reached, holds for all above the threshold: {amount} × {rate} = {result}.",
    },
    "step": {
        "nl": "De trede bij {start} is bereikt ({amount}) en betaalt {result}.",
        "en": "The step at {start} is reached ({amount}) and pays {result}.",
    },
    "floor": {
        "nl": "Ten minste {least}: {amount} wordt {result}.",
        "en": "At least {least}: {amount} becomes {result}.",
    },
    "money-floor": {
        "nl": "Ten minste {least}: {amount} wordt {result}.",
        "en": "At least {least}: {amount} becomes {result}.",
    },
    "cap-carried": {
        "nl": "Ten hoogste {most}: van {amount} telt {result} nu, de rest wordt bewaard voor later.",
        "en": "At most {most}: of {amount}, {result} counts now; the rest is kept for later.",
    },
    "money-cap-carried": {
        "nl": "Ten hoogste {most}: van {amount} wordt nu {result} betaald, de rest wordt bewaard voor later.",
        "en": "At most {most}: of {amount}, {result} is paid now; the rest is kept for later.",
    },
    "in-plan-part": {
        "nl": "Daarvan telt voor dit plan {counted} van {result_of_all}: van {amount} is dat {result}.",
        "en": "Of it, {counted} of {result_of_all} counts for this plan: of {amount} that is {result}.",
    },
    "deal": {
        "nl": "{deal} ({day}): {amount} betaalt {result}.",
        "en": "{deal} ({day}): {amount} pays {result}.",
    },
    "deal-split": {
        "nl": "{deal} ({day}): het deel {part} ({amount}) van wat de hele deal van {whole} betaalt, is {result}.",
        "en": "{deal} ({day}): the part {part} ({amount}) of what the whole deal of {whole} pays is {result}.",
    },
    "deal-at-tier": {
        "nl": "{deal} ({day}): {amount} tegen {rate} (totaal van {before} naar {after}) = {result}.",
        "en": "{deal} ({day}): {amount} at {rate} (total from {before} to {after}) = {result}.",
    },
    "deal-at-step": {
        "nl": "{deal} ({day}): het totaal gaat van {before} naar {after}; de trede betaalt {result}.",
        "en": "{deal} ({day}): the total goes from {before} to {after}; the step pays {result}.",
    },
    "deal-in-slices": {
        "nl": "{deal} ({day}): {amount} brengt het totaal van {before} op {after} en betaalt {result}.",
        "en": "{deal} ({day}): {amount} takes the total from {before} to {after} and pays {result}.",
    },
    "deal-capped": {
        "nl": "{deal}: {amount} zou {pays} betalen; een deal betaalt ten hoogste {result}.",
        "en": "{deal}: {amount} would pay {pays}; a deal pays at most {result}.",
    },
    "deals-sum": {
        "nl": "De deals samen: {result}.",
        "en": "The deals together: {result}.",
    },
    "gate-open": {
        "nl": "De voorwaarde {what} is gehaald ({reached}, nodig {least}): het blijft {result}.",
        "en": "The condition {what} is met ({reached}, needed {least}): it stays {result}.",
    },
    "gate-shut": {
        "nl": "De voorwaarde {what} is niet gehaald ({reached}, nodig {least}): dit betaalt {result}.",
        "en": "The condition {what} is not met ({reached}, needed {least}): this pays {result}.",
    },
    "gate-at-most": {
        "nl": "De voorwaarde {what} is niet gehaald ({reached}, nodig {least}): ten hoogste {most}, dus {result}.",
        "en": "The condition {what} is not met ({reached}, needed {least}): at most {most}, so {result}.",
    },
    "gate-times": {
        "nl": "De voorwaarde {what} is niet gehaald ({reached}, nodig {least}): {amount} × {times} = {result}.",
        "en": "The condition {what} is not met ({reached}, needed {least}): {amount} × {times} = {result}.",
    },
    "modifier-times": {
        "nl": "{name} vermenigvuldigt met {result}.",
        "en": "{name} multiplies by {result}.",
    },
    "modifier-adds": {
        "nl": "{name} voegt {result} toe.",
        "en": "{name} adds {result}.",
    },
    "modified": {
        "nl": "{amount} × {times} = {result}.",
        "en": "{amount} × {times} = {result}.",
    },
    "factor": {
        "nl": "De factor {name} is {result}.",
        "en": "The factor {name} is {result}.",
    },
    "column": {
        "nl": "{metric} ({result}) kiest de kolom vanaf {start}.",
        "en": "{metric} ({result}) chooses the column from {start}.",
    },
    "no-column": {
        "nl": "{metric} ({result}) haalt geen kolom: dan betaalt dit niets.",
        "en": "{metric} ({result}) reaches no column: then this pays nothing.",
    },
    "weighted": {
        "nl": "Daarvan telt {weight}: {amount} × {weight} = {result}.",
        "en": "Of it {weight} counts: {amount} × {weight} = {result}.",
    },
    "section": {
        "nl": "De factor {section} is samen {result}.",
        "en": "The factor {section} is {result} together.",
    },
    "pool": {
        "nl": "De pot is {result}, afgerond op de kleinste eenheid van {currency}.",
        "en": "The pool is {result}, rounded to the smallest unit of {currency}.",
    },
    "pool-part": {
        "nl": "Daarvan {own} van {all}: uit {pool} komt {result}, overblijvende centen naar de grootste rest.",
        "en": "Of that {own} of {all}: out of {pool} comes {result}, left-over cents by largest remainder.",
    },
    "member-attainment": {
        "nl": "{member} haalt {result} van het eigen doel.",
        "en": "{member} attains {result} of the own target.",
    },
    "mean-attainment": {
        "nl": "Het gemiddelde van {members} leden is {result}.",
        "en": "The mean of {members} members is {result}.",
    },
    "plan-cap": {
        "nl": "Het plan betaalt ten hoogste {limit}: {total} wordt {result} anders, de rest wordt niet betaald.",
        "en": "The plan pays at most {limit}: {total} changes by {result}; the rest is not paid.",
    },
    "plan-cap-carried": {
        "nl": "Het plan betaalt ten hoogste {limit}: {total} wordt {result} anders, de rest wordt bewaard voor later.",
        "en": "The plan pays at most {limit}: {total} changes by {result}; the rest is kept for later.",
    },
    "plan-floor": {
        "nl": "Het plan betaalt ten minste {limit}: bij {total} komt {result}.",
        "en": "The plan pays at least {limit}: to {total} is added {result}.",
    },
    "rounded-even": {
        "nl": "Eén keer afgerond op de kleinste eenheid van {currency}, halve naar even: {result}.",
        "en": "Rounded once to the smallest unit of {currency}, halves to even: {result}.",
    },
    "rounded-together": {
        "nl": "De regels samen zijn één keer afgerond op {whole}; hiervan is deze regel {result} ({currency}).",
        "en": "The lines together are rounded once to {whole}; this line is {result} of it ({currency}).",
    },
}
