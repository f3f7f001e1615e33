"""The README's five minutes, done as they stand there."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.launching import Launcher

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Five minutes")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TOUR, re.DOTALL)
STEPS = [(code, shown) for (kind, code), (_, shown) in pairwise([*BLOCKS, ("", "")]) if kind == "sh"]
PREPARED = STEPS[0][0].partition("\n")[0]
"""The function that the first step defines and the others use."""


def do(command: str, launcher: Launcher) -> str:
    """Run a step in this launcher's place and return what it prints."""
    command = command if command.startswith(PREPARED) else f"{PREPARED}\n{command}"
    for there, here in {"127.0.0.1:8000": f"127.0.0.1:{launcher.port}", "var/sample": f"{launcher.var}/sample"}.items():
        command = command.replace(there, here)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout.decode()}\n{done.stderr.decode()}"
    return done.stdout.decode("utf-8-sig")


def missing(shown: Any, got: Any, where: str = "") -> Iterator[str]:
    """Yield what the README shows and the answer has not: keys, and first entries of lists."""
    if isinstance(shown, dict):
        for key, inner in shown.items():
            if not isinstance(got, dict) or key not in got:
                yield f"{where}/{key}"
            else:
                yield from missing(inner, got[key], f"{where}/{key}")
    elif isinstance(shown, list) and shown:
        if not isinstance(got, list) or len(got) < len(shown):
            yield where
        else:
            for i, inner in enumerate(shown):
                yield from missing(inner, got[i], f"{where}/{i}")
    elif type(shown) is not type(got):
        yield f"{where} is {got!r}"


def test_the_tour_has_its_steps() -> None:
    assert len(STEPS) == 6


@pytest.mark.e2e
def test_every_step_of_the_tour_does_what_it_shows(launch: Callable[..., Launcher]) -> None:
    launcher = launch()
    launcher.wait_until_running()
    launcher.wait_until(lambda: "caught_up" in (launcher.var / "sample/log/sample.log").read_text(), "the history")
    for command, shown in STEPS:
        launcher.wait_until(partial(shows, command, shown, launcher), command)
    launcher.wait_until(lambda: "deal:T-1" in do(STEPS[2][0], launcher), "the deal in the ledger")


def shows(command: str, shown: str, launcher: Launcher) -> bool:
    return not differs(shown, do(command, launcher))


def differs(shown: str, got: str) -> list[str]:
    """Return what is shown and not in the answer; a table by its first line."""
    if shown.startswith("{"):
        return list(missing(json.loads(shown), json.loads(got)))
    return [shown] if got.splitlines()[0] != shown.splitlines()[0] else []
