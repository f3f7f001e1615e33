"""Which window a rule with limits counts in."""

from collections.abc import Sequence
from typing import NamedTuple

from shared.contracts.limits import REP, TEAM, WITHIN, Cap
from shared.contracts.playbook import Rule


class Window(NamedTuple):
    """The window of a rule: the rules that share it (`name`), whose it is (rep or team), the kind of its period."""

    name: str
    owner: str
    every: str


def windows_of(rules: Sequence[Rule], shared: Sequence[Cap]) -> dict[str, Window]:
    """Return the window of each rule that has limits; rules that share a cap share the window.

    A window is as long as the longest period of its limits, and a team's when one of its caps is.
    """
    names = {rule.id: rule.id for rule in rules if rule.limits or any(rule.id in cap.rules for cap in shared)}
    for cap in shared:
        together = {names[rule] for rule in cap.rules}
        names = {rule: min(together) if name in together else name for rule, name in names.items()}
    found: dict[str, Window] = {}
    for name in set(names.values()):
        own = [rule for rule in rules if names.get(rule.id) == name]
        caps = [cap for cap in shared if names[cap.rules[0]] == name]
        kinds = {kind for rule in own for kind in rule.limits.periods} | {cap.every for cap in caps}
        every = max(kinds, key=WITHIN.__getitem__)
        per_team = any(cap.per == TEAM for cap in (*caps, *(cap for rule in own for cap in rule.limits.caps)))
        found |= {rule.id: Window(name, TEAM if per_team else REP, every) for rule in own}
    return found
