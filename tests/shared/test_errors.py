from __future__ import annotations

import importlib
import pkgutil

import services
from shared.errors import Conflict, InvalidInput, NotFound, SamenspelError


class PeriodClosed(Conflict):
    """The period is closed.

    What arrives later becomes an adjustment.
    """


def test_the_code_is_the_name_of_the_fact() -> None:
    assert PeriodClosed.code == "period-closed"
    assert InvalidInput.code == "invalid-input"


def test_a_kind_may_name_its_own_code() -> None:
    class Renamed(NotFound):
        """It is gone."""

        code = "gone"

    assert Renamed.code == "gone"


def test_the_first_line_of_the_docstring_is_the_title() -> None:
    assert PeriodClosed.title() == "The period is closed."
    assert str(PeriodClosed()) == "The period is closed."
    assert str(PeriodClosed("2026-11 was closed on 3 December")) == "2026-11 was closed on 3 December"


def test_no_two_kinds_of_a_service_share_a_code() -> None:
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if not found.name.endswith("__main__") and ".migrations" not in found.name:
            importlib.import_module(found.name)

    def kinds(kind: type[SamenspelError]) -> set[type[SamenspelError]]:
        return {kind, *(deep for sub in kind.__subclasses__() for deep in kinds(sub))}

    for service in ("ingest", "scoring", "leaderboard", "commission"):
        own = ("shared", f"services.{service}")
        codes = [kind.code for kind in kinds(SamenspelError) if kind.__module__.startswith(own)]
        assert sorted(codes) == sorted(set(codes))
