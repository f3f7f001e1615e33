"""The pages of the ledger: what limits held, who took something back, which words there are; without a browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.scoring.handlers import Scorer
from services.scoring.settings import Settings
from services.scoring.store import PACKAGE, Ledger, Reader
from services.scoring.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from shared.sql import migrate, open_engine
from tests.scoring.office import ROSTER, call, document
from tests.scoring.test_limits import call_rule, playbook
from tests.scoring.test_rehearsal import HAPPY_HOUR
from tests.scoring.test_retractions import back, correction

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
SERVICE = Path(__file__).parents[2] / "services" / "scoring"
TEXT = {"nl": "Gebeld", "en": "Called"}
BOOK = playbook(
    call_rule(text=TEXT, limits={"caps": [{"most": 8, "of": "points", "every": "day"}]}),
    contests=[{**HAPPY_HOUR, "label": {"nl": "Geheim uur", "en": "Secret hour"}, "published": False}],
)


class Pages:
    """The web process of a ledger where Sanne called three times on a day with a maximum."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'scoring.db'}"
        self.engine = open_engine(url)
        migrate(self.engine, PACKAGE)
        scorer = Scorer(Ledger(self.engine), lambda _: None, lambda: NOW)
        scorer.put_document(document("roster", ROSTER))
        scorer.put_document(document("playbook", BOOK))
        calls = [call(f"c{hour}", f"03-02 {hour:02}") for hour in (9, 10, 11)]
        scorer.score([*calls, correction("k", "03-03 09", "4")])
        scorer.score([back("x", "03-05 12", "c9")])
        while scorer.refresh_some():
            pass
        self.reader = Reader(self.engine)
        tokens = folder / "tokens.json"
        self.tokens = {
            name: mint(tokens, name, scopes)
            for name, scopes in {
                "reader": ["credits:read"],
                "ops": ["operator", "credits:read"],
                "tv": ["screen"],
            }.items()
        }
        self.client = create_app(Settings(url, WebSettings(folder, tokens, rate_limit=0)), lambda: NOW).test_client()

    def get(self, path: str, who: str = "reader", status: int = 200) -> str:
        return self._text(self.client.get(f"/scoring/{path}", headers=self._who(who)), status)

    def post(self, path: str, said: dict[str, Any], who: str = "ops", status: int = 200) -> str:
        return self._text(self.client.post(f"/scoring/{path}", data=said, headers=self._who(who)), status)

    def _who(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}", "Accept": "text/html"}

    def _text(self, answer: Any, status: int) -> str:
        assert answer.status_code == status, answer.text
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    def line(self, reason: str, activity: str) -> str:
        found = self.reader.subject(f"activity:crm:{activity}")[1]
        return next(line.id for line in found if line.reason == reason)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    made = Pages(tmp_path_factory.mktemp("pages"))
    yield made
    made.engine.dispose()


def test_the_playbook_says_what_a_rule_was_worth_and_how_often_its_cap_was_hit(pages: Pages) -> None:
    shown = pages.get("playbook?lang=nl")
    assert "Hoogstens 8 … per verkoper per dag" in shown
    assert "In maart 2026 8 … · 1 verkoper Begrensd 1 keer door het maximum" in shown
    assert "At most 8 … for each rep in a day" in pages.get("playbook?lang=en")


def test_a_contest_that_is_not_told_yet_is_shown_to_operators_only(pages: Pages) -> None:
    assert "Geheim uur" not in pages.get("playbook?lang=nl")
    assert "Geheim uur" in pages.get("playbook?lang=nl", "ops")


def test_a_line_says_what_was_taken_back_and_why(pages: Pages) -> None:
    shown = pages.get(f"lines/{pages.line('reversed', 'c9')}?lang=nl")
    assert "Gebeld: 5 … teruggenomen van Sanne (Noord), want het is verwijderd of toch niet gedaan." in shown
    assert "was deleted, or not done after all" in shown


def test_a_line_says_what_a_limit_left_of_it(pages: Pages) -> None:
    assert "5 … waard; maximum van 8 … per dag bereikt, 3 … geteld" in pages.get(
        f"lines/{pages.line('earned', 'c11')}?lang=nl"
    )


def test_a_correction_names_its_author_and_reason(pages: Pages) -> None:
    shown = pages.get(f"lines/{pages.line('earned', 'k')}?lang=en")
    assert "Correction by els (counted wrongly): 4 … for Sanne (Noord)." in shown
    assert "Bezwaar" not in shown


def test_a_draft_comes_as_a_file_or_as_text(pages: Pages) -> None:
    days = {"from": "2026-03-01", "to": "2026-04-01"}
    draft = orjson.dumps(
        {**BOOK, "contests": [], "rules": [{**BOOK["rules"][0], "credit": {"points": 1}, "limits": {}}]}
    )
    for said in ({"text": draft.decode()}, {"file": (BytesIO(draft), "draft.yaml")}):
        assert "12 … 6 …" in pages.post("rehearsal?lang=en", {**days, **said})
    assert "Nobody gains or loses." in pages.post("rehearsal?lang=en", days)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"text": "a: 1\na: 2"}, "stands here twice"),
        ({"file": (BytesIO(b"\xff\xfe"), "draft.yaml")}, "not text in UTF-8"),
        ({"to": "2026-03-01"}, "choose 1 to 400 days"),
        ({"from": ""}, "/from"),
    ],
)
def test_a_draft_that_cannot_be_rehearsed_says_why(pages: Pages, said: dict[str, Any], why: str) -> None:
    days = {"from": "2026-03-01", "to": "2026-04-01"}
    assert why in pages.post("rehearsal?lang=en", {**days, **said}, status=422)


def test_a_mistake_of_the_programme_is_not_called_one_of_the_draft(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a mistake")

    monkeypatch.setattr("services.scoring.pages.rehearsal.rehearse", broken)
    days = {"from": "2026-03-01", "to": "2026-04-01"}
    assert "a mistake" not in pages.post("rehearsal?lang=en", days, status=500)


@pytest.mark.parametrize("path", ["playbook", "credits", "lines/1-1", "objections", "rehearsal"])
def test_a_screen_opens_none_of_these_pages(pages: Pages, path: str) -> None:
    pages.get(path, "tv", 403)


def test_every_sentence_is_there_in_both_languages() -> None:
    nl, en = (orjson.loads((SERVICE / "locale" / f"{name}.json").read_bytes()) for name in ("nl", "en"))
    assert nl.keys() == en.keys()
    spoken = {
        key
        for template in (SERVICE / "templates").glob("*.html")
        for key in re.findall(r"\bt\('([a-z_.]+[a-z])'", template.read_text("utf-8"))
    }
    assert spoken <= nl.keys()
    assert all(set(re.findall(r"{\w+}", nl[key])) == set(re.findall(r"{\w+}", en[key])) for key in nl)
