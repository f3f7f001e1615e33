"""Two types of activity that are no work: retractions take work back, corrections change what counts."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from shared.contracts.activity import CORRECTION, DEAL, RETRACTION
from shared.errors import FieldProblem

SCOPE = "corrections:write"
"""What a token needs besides to hand in corrections."""

OWNERLESS = frozenset({DEAL, RETRACTION})
"""Types that need nobody's name: whose work it was is known of the work itself."""

AGELESS = OWNERLESS | {CORRECTION}
"""Types that may be about any time: a deal is what the CRM says it is, and a correction has its author and reason."""

TYPES: Mapping[str, str] = {
    RETRACTION: "takes the work with the id `data.of` of the same sender back; with `data.restored` it counts again",
    CORRECTION: f"credits `data.amount` of `data.metric` to the owner, because of `data.reason`; needs {SCOPE}",
}

_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_amount(value: Any) -> bool:
    return isinstance(value, str) and _AMOUNT.fullmatch(value) is not None


def _is_truth(value: Any) -> bool:
    return value is None or isinstance(value, bool)


_NEEDED: Mapping[str, Sequence[tuple[str, str, Callable[[Any], bool]]]] = {
    RETRACTION: (
        ("of", "the id under which the same sender handed in the work", _is_text),
        ("restored", "true where the work counts again", _is_truth),
    ),
    CORRECTION: (
        ("metric", "the metric of the playbook that is corrected", _is_text),
        ("amount", 'an exact amount as text, such as "-15" or "12.50"', _is_amount),
        ("reason", "why it is corrected, in words", _is_text),
    ),
}


def peculiar_problems(kind: str, data: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Name what the data of a retraction or correction lacks."""
    for name, expected, fits in _NEEDED.get(kind, ()):
        if not fits(data.get(name)):
            yield FieldProblem(f"/data/{name}", data.get(name), expected)
