"""What a rule's condition (CEL, Common Expression Language) may say; checked when a playbook is handed in."""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import cel

ANY = None
VARIABLES: dict[str, frozenset[str] | None] = {
    "activity": frozenset({"id", "type", "source"}),
    "data": ANY,
    "deal": frozenset({"amount", "currency", "name", "owner", "pipeline", "stage", "status"}),
    "rep": frozenset(),
}
"""What a condition can speak of, with the fields each has: `data` has what its sender said, `rep` is an id."""

FUNCTIONS = frozenset(
    "size contains startsWith endsWith matches int uint double string timestamp duration dyn type bytes "
    "getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds".split()
)

_TEXT = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
_FIELD = re.compile(r"(?<![\w.])(\w+)\s*\.\s*([A-Za-z_]\w*)(?!\s*\()")
_BOUND = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map)\s*\(\s*(\w+)\s*,")


def problems_of(condition: str) -> Iterator[str]:
    """Yield what is wrong with a condition: its syntax, or a name that stands for nothing."""
    try:
        program = cel.compile(condition)
    except ValueError as error:
        yield f"is no CEL condition: {error}"
        return
    said = _TEXT.sub('""', condition)
    known = VARIABLES.keys() | set(_BOUND.findall(said))
    for name in program.variables():
        if name not in known:
            yield f"speaks of {name!r}; known are: {', '.join(VARIABLES)}"
    for name in program.functions():
        if name.isidentifier() and not name.startswith("_") and name not in FUNCTIONS:
            yield f"{name}() is no function here; known are: {', '.join(sorted(FUNCTIONS))}"
    yield from _unknown_fields(said)


def _unknown_fields(said: str) -> Iterator[str]:
    for variable, field in _FIELD.findall(said):
        fields = VARIABLES.get(variable)
        if fields is not ANY and field not in fields:
            known = ", ".join(f"{variable}.{name}" for name in sorted(fields)) or f"{variable} itself"
            yield f"{variable}.{field} does not exist; known are: {known}"


WHOLE, NUMBER, WORDS, YES_NO = "whole", "number", "text", "yes_no"
TYPES: dict[str, tuple[type, ...]] = {WHOLE: (int,), NUMBER: (int, float), WORDS: (str,), YES_NO: (bool,)}
"""What a field of an activity's data can be declared as, and the Python types that fit."""

_SAMPLES: dict[str, tuple[Any, ...]] = {
    WHOLE: (0, 1_000_000),
    NUMBER: (0.5, 1_000_000.0),
    WORDS: ("",),
    YES_NO: (True, False),
}
_DEAL = dict.fromkeys(VARIABLES["deal"] or (), WORDS) | {"amount": NUMBER}
_MOST_TRIALS = 256


def type_problems(condition: str, data: Mapping[str, str] | None) -> Iterator[str]:
    """Yield what a condition does with values that it cannot do with them, found by trying it on samples.

    `data` declares the fields that the activity carries by type; None: undeclared, then only conditions that speak of
    no data are tried. CEL has no coercion: 1.5 + 1 is an error. What it compares with == may differ in type, and is
    then just not equal.
    """
    said = _TEXT.sub('""', condition)
    asked = [(variable, field) for variable, field in _FIELD.findall(said) if variable in ("data", "deal")]
    if data is None and any(variable == "data" for variable, _ in asked):
        return
    unknown = [field for variable, field in asked if variable == "data" and field not in (data or {})]
    for field in dict.fromkeys(unknown):
        known = ", ".join(f"data.{name}" for name in sorted(data or {})) or "none"
        yield f"data.{field} is not declared for this activity; declared are: {known}"
    if not unknown:
        yield from _tried(condition, {"data": dict(data or {}), "deal": _DEAL})


def _tried(condition: str, types: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    program = cel.compile(condition)
    words = (*_SAMPLES[WORDS], *(text[1:-1] for text in _TEXT.findall(condition)))
    samples = {**_SAMPLES, WORDS: words}
    names = [(variable, field) for variable, fields in types.items() for field in sorted(fields) if field in condition]
    trials = itertools.product(*(samples[types[variable][field]] for variable, field in names))
    for values in itertools.islice(trials, _MOST_TRIALS):
        said: dict[str, Any] = {
            "activity": dict.fromkeys(VARIABLES["activity"] or (), ""),
            "rep": "",
            "data": {},
            "deal": {},
        }
        for (variable, field), value in zip(names, values, strict=True):
            said[variable][field] = value
        problem = _trial(program, {name: said[name] for name in VARIABLES.keys() & program.variables()}, said)
        if problem:
            yield problem
            return


def _trial(program: Any, given: Mapping[str, Any], said: Mapping[str, Any]) -> str | None:
    try:
        answer = program.execute(given)
    except (TypeError, RuntimeError) as error:
        with_what = ", ".join(f"{v}.{f} = {x!r}" for v in ("data", "deal") for f, x in said[v].items())
        return f"cannot be worked out{f' with {with_what}' if with_what else ''}: {str(error).split('. ', 1)[0]}"
    except (ArithmeticError, LookupError, ValueError):
        return None  # a value that is not there, a division by zero: at that moment the rule just does not hold
    return None if isinstance(answer, bool) else f"gives {answer!r}, neither true nor false: compare it with something"
