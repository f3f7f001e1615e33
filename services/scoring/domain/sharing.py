"""Which window a rule with limits counts in."""

from collections.abc import Sequence
from typing import NamedTuple

from shared.contracts.limits import REP, TEAM, WITHIN, Cap, groups
from shared.contracts.playbook import Rule

ALL = "all"


class Window(NamedTuple):
    """The window of a rule: the rules that share it (`name`), whose it is (rep, team, all), the kind of its period."""

    name: str
    owner: str
    every: str


def windows_of(rules: Sequence[Rule], shared: Sequence[Cap]) -> dict[str, Window]:
    """Return the window of each rule that has limits; rules that share a cap share the window.

    A window is as long as the longest period of its limits. It is a rep's or a team's when all of its limits are; where
    both kinds meet it is everybody's, since a rep may change teams within it.
    """
    names = groups((rule.id for rule in rules if rule.limits), shared)
    found: dict[str, Window] = {}
    for name in set(names.values()):
        own = [rule for rule in rules if names.get(rule.id) == name]
        caps = [cap for cap in shared if names[cap.rules[0]] == name] + [
            cap for rule in own for cap in rule.limits.caps
        ]
        kinds = {kind for rule in own for kind in rule.limits.periods} | {cap.every for cap in caps}
        owners = {cap.per for cap in caps} | {REP for rule in own if rule.limits.once or rule.limits.steps}
        window = Window(name, owners.pop() if len(owners) == 1 else ALL, max(kinds, key=WITHIN.__getitem__))
        found |= {rule.id: window for rule in own}
    return found


def owner_of(window: Window, rep: str, team: str) -> str:
    """Return whose window of this kind something of a rep in a team counts in."""
    return {REP: f"rep:{rep}", TEAM: f"team:{team}"}.get(window.owner, ALL)
