"""What `make run` tells the user. Tokens are named by their files and never printed."""

from __future__ import annotations

from pathlib import Path

from deploy.tokens import SAMPLE

STARTING = "Samenspel is starting; its data and logs are in {var}"

COMMON = """
Samenspel is running. Ctrl-C stops it.

  start page    {base}/
  TV            {tv}
  sign in       {base}/ingest/sign-in
                e-mail address and password of each account are in {accounts}/
                ({people})
  interfaces    {base}/ingest/docs  {base}/scoring/docs
                {base}/leaderboard/docs  {base}/commission/docs
  tokens        {tokens}/ for programs (manager, hr, screen, operator, {source})
"""

OFFICE = """
The example office is made up: voorbeeldgegevens / sample data. Its last weeks go in now, then it sells on.
Try:

  TOKEN=$(cat {tokens}/manager)
  curl -sH "Authorization: Bearer $TOKEN" '{base}/leaderboard/v1/boards/revenue/this-month/teams'
  curl -sH "Authorization: Bearer $TOKEN" '{base}/commission/v1/statements/sanne?period={month}'
  curl -sH "Authorization: Bearer $TOKEN" '{base}/commission/v1/payouts?period={month}'
"""

EMPTY = """
It is empty: hand in a league (roster, playbook, targets, plans), then activities. To begin with the example's files:

  TOKEN=$(cat {tokens}/manager)
  curl -sX PUT -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/yaml' \\
       --data-binary @deploy/example/roster.yaml '{base}/ingest/v1/league/roster'
"""


def starting(var: Path) -> str:
    """Return the first line."""
    return STARTING.format(var=_short(var))


def running(base: str, var: Path, source: str, tv_access: str, month: str) -> str:
    """Return where everything is, and what to try first; `month` is the present one, 2026-11."""
    tokens = _short(var / "tokens")
    fill = {
        "base": base,
        "tokens": tokens,
        "accounts": _short(var / "accounts"),
        "people": "manager of Utrecht, sanne, hr, finance, admin" if source == SAMPLE else "admin, who adds the others",
        "source": source,
        "month": month,
        "tv": _tv(base, tokens, tv_access),
    }
    return (COMMON + (OFFICE if source == SAMPLE else EMPTY)).format(**fill).rstrip()


def _tv(base: str, tokens: str, access: str) -> str:
    if access == "open":
        return f"{base}/tv   in English: {base}/tv?lang=en"
    return f'echo "{base}/tv/enter#t=$(cat {tokens}/screen)"  prints the address to open once on each TV'


def _short(path: Path) -> str:
    """Return the path from where the user stands, when it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
