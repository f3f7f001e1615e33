"""What a rule's condition (CEL, Common Expression Language) may say; checked when a playbook is handed in."""

import re
from collections.abc import Iterator

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
