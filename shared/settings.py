"""Settings from the environment: every problem reported at once, before anything starts.

A service's `settings.py` is one frozen dataclass and one function that builds it:

    def build(env: Env) -> Settings:
        return Settings(database_url=env.database_url("INGEST_DATABASE_URL"), bus_url=env.bus_url(), web=env.web())

    settings = or_exit(build)          # a process: prints all problems and exits with code 2
    settings = load(build, {...})      # a test: raises BadSettings

Any variable `X` may be given as `X_FILE`: the path of a file that holds the value, as secrets are mounted.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from shared.errors import SamenspelError

T = TypeVar("T")

LOG_LEVELS = ("debug", "info", "warning", "error")
BUS_SCHEMES = ("kafka", "redis")
REDIS_SCHEMES = ("redis", "rediss", "unix")
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg")
EXIT_CODE = 2
SHORTEST_KEY = 32


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """Name one variable that cannot be used, what it holds (masked when secret), and what to do."""

    variable: str
    value: str
    remedy: str

    def __str__(self) -> str:
        """Read as one line of the report."""
        shown = f" is {self.value}" if self.value else " is not set"
        return f"{self.variable}{shown}: {self.remedy}"


class BadSettings(SamenspelError):
    """The environment does not describe a working process."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        """Carry every problem, in the order the settings were read."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What the web kit needs to know.

    `rate_limit` is requests per second for each token and process (0: no limit), `max_body` bytes,
    `trusted_proxies` the number of proxies in front whose X-Forwarded headers are believed, `session_keys` what signs
    the sessions of accounts: the first signs, all are believed; without any, people have tokens only.
    """

    run_dir: Path
    tokens_file: Path | None = None
    log_level: str = "info"
    rate_limit: int = 500
    trusted_proxies: int = 0
    max_body: int = 1_000_000
    session_keys: tuple[str, ...] = field(default=(), repr=False)


class Env:
    """Read variables, remember every problem, and hand out placeholders until `finish` is called."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """Read from `environ`, or from the process's environment as it is now."""
        self._environ = dict(os.environ if environ is None else environ)
        self._problems: list[SettingProblem] = []

    def text(
        self,
        name: str,
        default: str | None = None,
        *,
        choices: Sequence[str] = (),
        secret: bool = False,
        remedy: str = "set it",
    ) -> str:
        """Return a text; without a default the variable must be set."""
        found = self._find(name)
        if found is None:
            return self._absent(name, default, remedy)
        if choices and found not in choices:
            return self.problem(name, found, f"must be one of {', '.join(choices)}", secret=secret)
        return found

    def integer(self, name: str, default: int | None = None, *, low: int = 0, high: int = 2**31 - 1) -> int:
        """Return a whole number between `low` and `high`, both included."""
        wanted = f"must be a whole number from {low} to {high}"
        found = self._find(name)
        if found is None:
            self._absent(name, None if default is None else str(default), f"set it; it {wanted}")
            return low if default is None else default
        number = int(found) if re.fullmatch(r"-?[0-9]{1,18}", found) else None
        if number is None or not low <= number <= high:
            self.problem(name, found, wanted)
            return low
        return number

    def path(self, name: str, default: Path | None = None, *, remedy: str = "set it to a path") -> Path:
        """Return a path; it need not exist."""
        return Path(self.text(name, None if default is None else str(default), remedy=remedy))

    def optional_path(self, name: str) -> Path | None:
        """Return a path, or None when the variable is not set."""
        found = self._find(name)
        return None if found is None else Path(found)

    def url(self, name: str, *, schemes: Sequence[str], example: str, default: str | None = None) -> str:
        """Return a URL with one of the schemes; its user and password never appear in a report."""
        found = self._find(name)
        if found is None:
            return self._absent(name, default, f"set it, for example to {example}")
        if not _is_url(found, schemes):
            wanted = f"must be a URL that begins with {' or '.join(f'{s}://' for s in schemes)}"
            return self.problem(name, found, f"{wanted}, for example {example}", secret=True)
        return found

    def beginning_with(self, prefix: str) -> Mapping[str, str]:
        """Return every variable whose name begins so, for what documents refer to by name."""
        return {name: value for name, value in self._environ.items() if name.startswith(prefix)}

    def run_dir(self) -> Path:
        """Return where liveness and metrics files of this machine's processes stand."""
        return self.path("SAMENSPEL_RUN_DIR", remedy="set it to a directory that the processes may write to")

    def log_level(self) -> str:
        """Return the lowest level that is logged."""
        return self.text("SAMENSPEL_LOG_LEVEL", "info", choices=LOG_LEVELS)

    def bus_url(self) -> str:
        """Return where the bus is."""
        return self.url("SAMENSPEL_BUS_URL", schemes=BUS_SCHEMES, example="redis://127.0.0.1:6379/0")

    def redis_url(self) -> str:
        """Return where the standings are kept."""
        return self.url("SAMENSPEL_REDIS_URL", schemes=REDIS_SCHEMES, example="redis://127.0.0.1:6379/0")

    def database_url(self, name: str) -> str:
        """Return where a service's SQL is: `INGEST_DATABASE_URL` and its like."""
        return self.url(name, schemes=DATABASE_SCHEMES, example="sqlite:////var/lib/samenspel/ingest.db")

    def web(self) -> WebSettings:
        """Return what the web kit needs; whether the tokens can be read is found out by `create_service`."""
        return WebSettings(
            run_dir=self.run_dir(),
            tokens_file=self.optional_path("SAMENSPEL_TOKENS_FILE"),
            log_level=self.log_level(),
            rate_limit=self.integer("SAMENSPEL_RATE_LIMIT", 500),
            trusted_proxies=self.integer("SAMENSPEL_TRUSTED_PROXIES", 0, high=8),
            session_keys=self.session_keys(),
        )

    def session_keys(self) -> tuple[str, ...]:
        """Return the keys that sign sessions, the newest first; they stand apart by white space."""
        keys = tuple(self.text("SAMENSPEL_SESSION_KEY", "", secret=True).split())
        if any(len(key) < SHORTEST_KEY for key in keys):
            wanted = f"each key needs {SHORTEST_KEY} characters or more: python -m shared.sessions"
            self.problem("SAMENSPEL_SESSION_KEY", "", wanted, secret=True)
        return keys

    def problem(self, name: str, value: str, remedy: str, *, secret: bool = False) -> str:
        """Remember one problem and return an empty placeholder."""
        self._problems.append(SettingProblem(name, "(hidden)" if secret else repr(value), remedy))
        return ""

    def finish(self) -> None:
        """Raise BadSettings when anything was wrong."""
        if self._problems:
            raise BadSettings(self._problems)

    def _absent(self, name: str, default: str | None, remedy: str) -> str:
        told = any(problem.variable == f"{name}_FILE" for problem in self._problems)
        if default is None and not told:
            self._problems.append(SettingProblem(name, "", remedy))
        return default or ""

    def _find(self, name: str) -> str | None:
        """Return the value of X, or what X_FILE holds; None when neither is set (empty counts as not set)."""
        plain, file = self._environ.get(name) or None, self._environ.get(f"{name}_FILE") or None
        if file is None:
            return plain
        if plain is not None:
            self.problem(f"{name}_FILE", file, f"{name} is set as well; keep one of the two")
            return None
        return self._read(f"{name}_FILE", file)

    def _read(self, variable: str, file: str) -> str | None:
        try:
            content = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a text file"
            self.problem(variable, file, f"cannot be read ({reason}); make it readable for this process")
            return None
        return content or self.problem(variable, file, "is empty; write the value into it") or None


def load(build: Callable[[Env], T], environ: Mapping[str, str] | None = None) -> T:
    """Build settings from an environment; raises BadSettings with all problems."""
    env = Env(environ)
    built = build(env)
    env.finish()
    return built


def or_exit(build: Callable[[Env], T], environ: Mapping[str, str] | None = None) -> T:
    """Build settings, or print every problem and end the process with exit code 2."""
    with exit_on_bad_settings():
        return load(build, environ)


@contextmanager
def exit_on_bad_settings() -> Iterator[None]:
    """Print every problem of a BadSettings raised inside on standard error, and end the process with exit code 2."""
    try:
        yield
    except BadSettings as error:
        lines = "".join(f"  {problem}\n" for problem in error.problems)
        sys.stderr.write(f"{error.title()}\n{lines}")
        raise SystemExit(EXIT_CODE) from None


def _is_url(text: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc or parts.path.strip("/"))
