"""The laws of the ledger for generated playbooks, rosters and histories: however it all arrives, the same stands."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scoring.domain.explain import is_settled
from services.scoring.domain.league import League
from services.scoring.domain.rules import judge
from services.scoring.domain.windows import allow, settle
from services.scoring.handlers import build_league
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import explained
from services.scoring.handlers.prizes import unsettled_prizes
from services.scoring.pages.figures import show
from shared.contracts.activity import RETRACTION, Activity, DealChange
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from tests.scoring.office import LABEL, PLAYBOOK, ROSTER, at, document
from tests.scoring.test_laws import EVER, Machine

REPS, TEAMS, PERIODS = ("sanne", "bram", "noor"), ("noord", "zuid"), ("day", "week")
FIRST_HOUR = at("06-29 00")
DAYS = ("2026-06-29", "2026-06-30", "2026-07-01", "2026-07-02", "2026-07-03")
days = st.sampled_from(DAYS)
amounts = st.integers(1, 9)
metrics = st.sampled_from(["points", "deals"])


def maybe(found: st.SearchStrategy[Any], key: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a part of a document that is there or not."""
    return st.one_of(st.just({}), found.map(lambda value: {key: value}))


caps = st.fixed_dictionaries(
    {"most": st.integers(0, 20), "of": st.just("points"), "per": st.sampled_from(["rep", "team"]),
     "every": st.sampled_from(PERIODS)}
)  # fmt: skip
steps = st.fixed_dictionaries(
    {"every": st.sampled_from(PERIODS), "steps": st.sampled_from(["0", "0.5", "1/3"]).map(
        lambda share: [{"from": 1, "share": "1"}, {"from": 3, "share": share}])}
)  # fmt: skip
once = st.sampled_from(PERIODS).map(lambda every: [{"field": "data.counterparty", "every": every}])
limits = st.fixed_dictionaries({}, optional={"caps": st.lists(caps, max_size=2), "steps": steps, "once": once})
shares = st.integers(1, 9).map(
    lambda tenths: [{"role": "caller", "share": f"{tenths}/10"}, {"share": f"{10 - tenths}/10"}]
)
triggers = st.sampled_from(
    [{"activity": "call"}, {"deal": "entered", "stage": "demo"}, {"deal": "won"}, {"deal": "lost"}, {"deal": "amended"}]
)


@st.composite
def rules(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """Draw a rule."""
    on = draw(triggers)
    credit: dict[str, Any] = {draw(metrics): draw(amounts), "points": draw(amounts)}
    if on in ({"deal": "won"}, {"deal": "amended"}):
        credit["revenue"] = "deal.amount"
    parts = [maybe(limits, "limits"), maybe(shares, "to"), maybe(st.sampled_from(["0.1", "0.5"]), "mentor")]
    parts.append(maybe(st.just("contest"), "during"))
    rule = {"id": f"r{number}", "on": on, "credit": credit, "text": {"nl": f"Regel {number}", "en": f"Rule {number}"}}
    for part in parts:
        rule |= draw(part)
    return rule


def prize(name: str, **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda metric, amount: {"id": name, "metric": metric, "credit": {"points": amount}, "text": LABEL, **more},
        metrics,
        amounts,
    )


rhythm = st.fixed_dictionaries(
    {},
    optional={
        "streaks": prize("streak", at_least=1, length=2, again=True).map(lambda one: [one]),
        "firsts": st.sampled_from(["rep", "team", "organisation"])
        .flatmap(lambda scope: prize("first", every="day", scope=scope))
        .map(lambda one: [one]),
        "bests": prize("best", every="day", after=1).map(lambda one: [one]),
        "milestones": prize("mile", at=[2, 5]).map(lambda one: [one]),
    },
)


@st.composite
def playbooks(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a playbook: up to four rules, shared caps, prizes, a contest."""
    drawn = [draw(rules(n)) for n in range(draw(st.integers(1, 4)))]
    contest = {
        "id": "contest", "label": LABEL, "from": "2026-06-30T06:00:00Z", "to": "2026-07-02T18:00:00Z",
        "metric": draw(metrics), "scope": "teams", "scoring": "total", "tie": "share", "published": True,
        "eligible": draw(st.lists(st.sampled_from(TEAMS), unique=True, max_size=1)),
        "multipliers": [{"factor": draw(st.sampled_from(["2", "1.5", "0.5"]))}],
    }  # fmt: skip
    shared = [{"id": "all", **draw(caps), "rules": [rule["id"] for rule in drawn]}] if draw(st.booleans()) else []
    return {**PLAYBOOK, "rules": drawn, "caps": shared, "rhythm": draw(rhythm), "contests": [contest]}


@st.composite
def rosters(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a roster: transfers, mentors, leave, a holiday."""

    def rep(name: str) -> dict[str, Any]:
        teams, day = draw(st.permutations(TEAMS)), draw(days)
        moves = [{"team": teams[0], "from": "2026-01-01", "to": day}, {"team": teams[1], "from": day}]
        mentor = draw(st.sampled_from([other for other in REPS if other != name]))
        return {
            "id": name,
            "name": name.title(),
            "memberships": moves if draw(st.booleans()) else [{"team": teams[0], "from": "2026-01-01"}],
            **draw(maybe(st.just([{"rep": mentor, "from": "2026-06-30", "to": day}]), "mentors")
                   if day > "2026-06-30" else st.just({})),
            **draw(maybe(st.just([{"kind": "leave", "from": "2026-06-30", "to": "2026-07-01"}]), "absences")),
        }  # fmt: skip

    organisation = {**ROSTER["organisation"], **draw(maybe(st.lists(days, max_size=1), "holidays"))}
    return {**ROSTER, "organisation": organisation, "reps": [rep(name) for name in REPS]}


@st.composite
def histories(draw: st.DrawFn) -> list[Activity]:
    """Draw calls and changes of two deals, with names in their data."""
    found: list[Activity] = []
    for n in range(draw(st.integers(1, 14))):
        when = FIRST_HOUR + timedelta(hours=draw(st.integers(0, 110)))
        rep = draw(st.sampled_from(REPS))
        data = {"counterparty": draw(st.sampled_from(["x", "y"])), "caller": draw(st.sampled_from([*REPS, "nobody"]))}
        if draw(st.integers(0, 2)):
            found.append(Activity(f"crm:{n}", "crm", "call", when, rep, n, None, data))
        else:
            said = {"stage": draw(st.sampled_from(["lead", "demo", "won", "lost"])), "owner": rep}
            said |= {"amount": draw(st.sampled_from(["99.99", "100", "0.01"])), "currency": "EUR"}
            name = draw(st.sampled_from(["D-1", "D-2"]))
            found.append(Activity(f"crm:{n}", "crm", "deal", when, None, n, DealChange(name, said), data))
    return found


@st.composite
def offices(draw: st.DrawFn) -> list[LeagueDocument]:
    """Draw two versions of a roster and of a playbook; the second playbook holds from some day on."""
    start = date.fromisoformat(draw(days))
    return [
        document("roster", draw(rosters())),
        document("playbook", draw(playbooks())),
        document("roster", draw(rosters()), 2),
        document("playbook", draw(playbooks()), 2, start),
    ]


def settled(made: Machine) -> Machine:
    while made.scorer.restate_some() or made.scorer.refresh_some():
        pass
    return made


def scored(documents: Sequence[LeagueDocument], batches: Sequence[Sequence[Activity]]) -> Machine:
    """Return an office that had its documents first, and then everything in these batches."""
    made = Machine()
    for each in documents:
        made.put(each)
    for batch in batches:
        made.scorer.score(batch)
    return settled(made)


def stands(made: Machine) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for line in made.reader.lines(EVER, 100_000):
        sums[line.subject, line.rule, line.metric, line.rep, line.team, line.at] += line.amount
    return Counter({key: total for key, total in sums.items() if total})


few = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@few
@given(offices(), histories(), st.randoms())
def test_incremental_is_batch_is_shuffled_is_doubled_is_restated(
    documents: list[LeagueDocument], history: list[Activity], random: Any
) -> None:
    batch = stands(scored(documents, [history]))
    shuffled = [*history, *random.choices(history, k=len(history) // 2)]
    random.shuffle(shuffled)
    assert stands(scored(documents, [[fact] for fact in history])) == batch
    assert stands(scored(documents, [shuffled[n : n + 3] for n in range(0, len(shuffled), 3)])) == batch
    restated = Machine()
    for n, fact in enumerate(shuffled):
        if n < len(documents):
            restated.put(documents[n])
        restated.scorer.score([fact])
        random.choice([restated.scorer.restate_some, restated.scorer.refresh_some, list])()
    for each in documents:
        restated.put(each)
    assert stands(settled(restated)) == batch
    assert restated.reader.gaps() == {}


@few
@given(offices(), histories())
def test_what_stands_adds_up_holds_its_caps_and_can_be_explained(
    documents: list[LeagueDocument], history: list[Activity]
) -> None:
    made = scored(documents[:2], [history])
    for each in documents[2:]:
        made.put(each)
    settled(made)
    league = build_league(len(documents), documents)
    for subject, facts, lines in made.reader.subjects():
        verdict = judge(facts, league)
        assert is_settled(settle(subject, verdict, made.reader.allowed([subject]), league), lines)
    assert all(allow(asking, league) == kept for asking, kept in made.reader.windows())
    assert list(unsettled_prizes(made.reader, league)) == []
    caps_hold(made, league)
    leagues = Leagues(made.reader)
    for line in made.reader.lines(EVER, 100_000):
        _is_explained(line, explained(line, made.reader, leagues, show))


def _is_explained(line: Credit, told: dict[str, Any]) -> None:
    assert all("?" not in told["sentence"][language] for language in ("nl", "en"))
    assert not told["sentence"]["en"].startswith(line.rule), "the rule has words of its own"
    assert "data has changed" not in told["sentence"]["en"]
    assert told["activity"] or told["inputs"][:-1], "an activity, or the days it is made of"
    if "~" in line.rule and line.subject.startswith(("deal:", "activity:")) and line.reason == "earned":
        assert told["inputs"][0]["name"] in ("on top of", "factor of contest", "part of a mentor")


def caps_hold(made: Machine, league: League) -> None:
    """Hold what counts against every cap of the edition in force, alone and shared."""
    for edition in league.editions:
        for cap in {cap.id: cap for caps in edition.caps.values() for cap in caps}.values():
            used: Counter[Any] = Counter()
            for (_, rule, metric, rep, team, moment), amount in stands(made).items():
                if rule in cap.rules and metric == cap.metric and league.edition(moment) is edition:
                    day = league.day(moment)
                    period = day if cap.every == "day" else day.isocalendar()[:2]
                    used[team if cap.per == "team" else rep, period] += amount
            assert all(amount <= cap.most for amount in used.values())


@given(playbooks(), rosters(), histories())
def test_shares_sum_exactly_to_what_one_would_get(
    book: dict[str, Any], roster: dict[str, Any], history: list[Activity]
) -> None:
    book = {**book, "rules": [{k: v for k, v in rule.items() if k != "during"} for rule in book["rules"]]}
    alone = {**book, "rules": [{k: v for k, v in rule.items() if k != "to"} for rule in book["rules"]]}
    split, whole = (build_league(2, [document("roster", roster), document("playbook", each)]) for each in (book, alone))
    known = [fact for fact in history if fact.data["caller"] != "nobody"]
    for name in {fact.deal.id for fact in known if fact.deal}:
        deal = [fact for fact in known if fact.deal and fact.deal.id == name]
        assert _sums(deal, split) == _sums(deal, whole)


def _sums(history: Sequence[Activity], league: League) -> Counter[Any]:
    verdict, sums = judge(history, league), Counter[Any]()
    for key, one in [*verdict.due.items(), *((key, each.due) for key, each in verdict.limited.items())]:
        sums[key.rule, key.metric, key.at] += one.amount
    return sums


@few
@given(offices(), histories())
def test_taking_everything_back_returns_to_zero(documents: list[LeagueDocument], history: list[Activity]) -> None:
    made = scored(documents, [history])
    after = max(fact.occurred_at for fact in history) + timedelta(hours=1)
    made.scorer.score([_taken_back(fact, after) for fact in history])
    assert stands(settled(made)) == {}


def _taken_back(fact: Activity, after: datetime) -> Activity:
    name = f"{fact.id}:back"
    if fact.deal:
        return Activity(name, "crm", "deal", after, None, 1, DealChange(fact.deal.id, {"status": "deleted"}))
    return Activity(name, "crm", RETRACTION, after, None, 1, None, {"of": fact.id})
