"""What `make run` tells: where everything is, and never a token."""

from pathlib import Path

from deploy import greeting
from deploy.launcher import Installation


def running(source: str, access: str, var: Path = Path("/srv/var/sample")) -> str:
    return greeting.running("http://127.0.0.1:8000", var, source, access, "2026-11")


def test_the_example_is_said_to_be_made_up_and_comes_with_commands_to_try() -> None:
    said = running("sample", "open")
    assert "voorbeeldgegevens / sample data" in said
    assert "TOKEN=$(cat /srv/var/sample/tokens/manager)" in said
    assert "http://127.0.0.1:8000/commission/v1/payouts?period=2026-11" in said


def test_an_empty_start_says_how_to_fill_it() -> None:
    said = running("crm", "open")
    assert "/ingest/v1/league/roster" in said
    assert "sample data" not in said


def test_on_the_network_a_tv_needs_the_screens_token() -> None:
    assert "/tv/enter#t=$(cat /srv/var/sample/tokens/screen)" in running("sample", "screens")
    assert "/tv/enter" not in running("sample", "open")


def test_paths_below_the_users_folder_are_short() -> None:
    assert "TOKEN=$(cat var/sample/tokens/manager)" in running("sample", "open", Path.cwd() / "var" / "sample")


def installation(host: str) -> Installation:
    return Installation(host, 8000, Path("/srv"), sample=True, pace=2)


def test_an_address_of_every_interface_is_reached_by_loopback_and_told_by_name() -> None:
    everywhere = installation("0.0.0.0")  # noqa: S104  only looked at
    assert everywhere.base == "http://127.0.0.1:8000"
    assert "0.0.0.0" not in everywhere.shown  # noqa: S104  as above
    assert everywhere.bind == "0.0.0.0:8000"


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert installation("::1").base == installation("::1").shown == "http://[::1]:8000"
    assert installation("::1").bind == "[::1]:8000"
