"""The kinds of senders that may have an address of their own: a connection's `kind` is one of these."""

from collections.abc import Mapping

from services.ingest.sources import Hook

_ALL: tuple[Hook, ...] = ()
"""One line for each file."""

HOOKS: Mapping[str, Hook] = {hook.NAME: hook for hook in _ALL}
