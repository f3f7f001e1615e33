"""What commands have in common: files, days, and refusals told in sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from shared.contracts.league import BadDocument
from shared.errors import FieldProblem, InvalidInput, SamenspelError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


class Failed(click.ClickException):
    """The command could not do what was asked."""

    exit_code = 2


@contextmanager
def refusals() -> Iterator[None]:
    """Tell a named refusal in sentences and end with exit code 2."""
    try:
        yield
    except BadDocument as error:
        raise Failed("\n".join(f"{p.pointer or '/'}: {p.message}" for p in error.problems)) from error
    except InvalidInput as error:
        lines = [_told(problem) for problem in error.problems]
        raise Failed("\n".join([error.detail, *lines])) from error
    except SamenspelError as error:
        raise Failed(error.detail) from error
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}") from error


def _told(problem: FieldProblem) -> str:
    place = f"line {problem.line}, " if problem.line is not None else ""
    return f"{place}{problem.pointer or '/'}: {problem.value!r}: expected {problem.expected}"
