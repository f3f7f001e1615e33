"""Secrets of connections, by reference: in variables or in files, looked up each time so that they can be rotated."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.errors import Unavailable

_VARIABLE, _FILE = "env:", "file:"
_LARGEST = 65_536


class MissingSecret(Unavailable):
    """A secret that a connection refers to is not there."""


class Secrets:
    """Look references up: `env:NAME` among the variables, `file:name` in one directory."""

    def __init__(self, variables: Mapping[str, str], directory: Path | None) -> None:
        """Know where to look; nothing needs to be there yet."""
        self._variables, self._directory = variables, directory

    def find(self, reference: str) -> str:
        """Return a secret; raises MissingSecret that says what to do."""
        if reference.startswith(_FILE):
            return self._in_file(reference.removeprefix(_FILE))
        name = reference.removeprefix(_VARIABLE)
        found = self._variables.get(name, "").strip()
        if not found:
            raise MissingSecret(f"the variable {name} is not set: set it and start again")
        return found

    def all(self, references: Sequence[str]) -> tuple[str, ...]:
        """Return the secrets that are there, several while they are rotated; MissingSecret when none is."""
        found, problems = self._look_up(references)
        if not found:
            raise MissingSecret("; ".join(problems.values()) or "the connection has no secret")
        return tuple(found.values())

    def problems(self, references: Sequence[str]) -> Mapping[str, str]:
        """Tell for each reference that leads nowhere what to do."""
        return self._look_up(references)[1]

    def _look_up(self, references: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return what is there and what to do about what is not, both by reference."""
        found: dict[str, str] = {}
        problems: dict[str, str] = {}
        for each in references:
            try:
                found[each] = self.find(each)
            except MissingSecret as error:
                problems[each] = error.detail
        return found, problems

    def _in_file(self, name: str) -> str:
        if self._directory is None:
            raise MissingSecret(f"SAMENSPEL_SECRETS_DIR is not set: set it to the directory that holds {name}")
        path = self._directory / name
        try:
            with path.open(encoding="utf-8") as file:
                found = file.read(_LARGEST).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "is no text file"
            raise MissingSecret(f"{path}: {reason}: write the secret into it, readable for this process") from error
        if not found:
            raise MissingSecret(f"{path} is empty: write the secret into it")
        return found
