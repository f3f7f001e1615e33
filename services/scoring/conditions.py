"""Rule conditions in CEL (Common Expression Language): compiled once, no side effects."""

from collections.abc import Mapping
from typing import Any

import cel

from services.scoring.domain.league import Condition
from shared.contracts.playbook import Playbook


def compile_condition(source: str) -> Condition:
    """Compile a condition; one that cannot be compiled (the front door checks them) never holds.

    A value that the activity does not carry, that has another type, or that cannot be reckoned with
    (a division by zero) makes the condition false, with that as the reason: no activity stops the
    stream. `has(data.x)` asks whether a value is there.
    """
    try:
        program = cel.compile(source)
    except ValueError as error:
        unreadable = str(error)
        return lambda _: (False, unreadable)

    def condition(values: Mapping[str, Any] | cel.Context) -> tuple[bool, str]:
        try:
            answer = program.execute(values if isinstance(values, cel.Context) else prepared(values))
        except KeyError as error:
            return False, f"{error.args[0]} is not given"
        except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:
            return False, str(error).split(". ", 1)[0]
        return answer is True, source

    return condition


def prepared(values: Mapping[str, Any]) -> cel.Context:
    """Return values in the form that conditions take: handing them over costs ten times the comparison itself."""
    return cel.Context(variables=dict(values))


def compile_all(playbook: Playbook) -> dict[str, Condition]:
    """Compile every rule's condition, by rule id."""
    return {rule.id: compile_condition(rule.when) for rule in playbook.rules if rule.when}
