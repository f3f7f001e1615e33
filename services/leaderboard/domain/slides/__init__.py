"""The slides of a playlist: what each is asked to show (`asked.py`), and what it then shows.

A playlist is a list of slides as JSON; `asked.FIELDS` says which fields a type takes besides `type`, `seconds`, `from`
and `until` (the days between which it is shown, both included; null: no bound):

    {"type": "teams",   "seconds": 20, "metric": null, "period": "this-month", "by": "total"}
    {"type": "duel",    "seconds": 30, "metric": null, "period": "this-month", "by": "total", "teams": ["a", "b"]}
    {"type": "contest", "seconds": 20, "contest": "running", "people": false}
    {"type": "goal",    "seconds": 20, "metric": null, "period": "this-month", "team": "@screen"}
    {"type": "top",     "seconds": 20, "metric": null, "period": "this-month", "by": "total", "people": false}
    {"type": "wins",    "seconds": 20, "people": false}
    {"type": "moments", "seconds": 20, "people": false}
    {"type": "message", "seconds": 15, "text": {"nl": "Vrijdag taart", "en": "Cake on Friday"}}

`metric` null: the league's main one. `teams` []: the screen's team against the next one in rank, else the first two.
`team` null: all together; "@screen": the screen's (all together where it has none). `contest`: an id, or "running": the
one that ends next, else the one that ended within a working day, else the one that begins within a week.

A snapshot, sent on connect and on change, says

    {"v": 1842, "now": "2026-11-24T13:55:00Z",
     "organisation": {"name": "Voorbeeld", "language": "nl", "zone": "Europe/Amsterdam"},
     "freshness": {"last_booked_at": "2026-11-24T13:52:00Z", "quiet": null, "rebuilding": false},
     "notice": null,
     "slides": [SLIDE, …],
     "latest": [{"id": "3-1042", "at": "2026-11-24T13:52:00Z", "team": TEAM, "rep": null, "avatar": null,
                 "amount": 1250000, "metric": METRIC}]}

`notice` is null, or `{"key": "no_league" | "no_slides", "detail": ""}` when there is nothing to show at all. `slides`
stand in the playlist's order, without those that are not due today. `latest` are the last wins, newest first, at most
4; `amount` and `metric` may be null, and nobody is named unless a slide of the playlist names people.

- TEAM: `{"id": "noord", "name": "Team Noord", "letter": "A", "color": "#5BB8F5"}`.
- METRIC: `{"id": "revenue", "unit": "EUR", "money": true, "decimals": 2, "label": {"nl": "omzet", "en": "revenue"}}`.
- PERIOD: `{"id": "2026-11", "kind": "month", "first": "2026-11-01", "ends_at": "2026-11-30T23:00:00Z", "state":
  "ahead" | "open" | "ended", "workdays": {"begun": 17, "total": 21}, "expected_percent": 81.0}`.
- Amounts are whole numbers of the metric's smallest unit, instants UTC, percents numbers with one decimal.
- `rep` and `avatar` are a person's name and picture; null where nobody may be named: the team's name stands there then.
- Each slide has `type`, `seconds` and `notice`: null, or `{"key": …, "detail": …}` when it has nothing to show. Then
  the rest is absent and the player passes over it. Keys: no_teams, unknown_metric, unknown_team, bad_period, no_target,
  no_contest, not_kept, nothing_yet, failed.

`teams`, a race; at most 8:

    {"type": "teams", "seconds": 20, "notice": null, "metric": METRIC, "by": "total", "period": PERIOD,
     "teams": [{"id": "noord", "name": "Team Noord", "letter": "A", "color": "#5BB8F5", "rank": 1, "prev_rank": 2,
                "amount": 14820000, "per_fte": 7410000, "goal": 20000000, "percent": 74.1,
                "pace": "ahead" | "on_track" | "behind" | null, "today": {"amount": 240000, "wins": 2}}],
     "teams_total": 3, "shared_goal": {"amount": 29015000, "goal": 40000000, "percent": 72.5}}

`duel`: as teams, with exactly two in `teams`, in the order asked, the screen's own team first, and with

     "lead": {"team": "noord", "difference": 625000}

The difference is in what `by` measures: an amount, or percent points. `team` null: a draw; `lead` null: no telling.

`contest`; places of teams (at most 8) or reps (at most 3), the best first:

    {"type": "contest", "seconds": 20, "notice": null, "metric": METRIC,
     "contest": {"id": "power-hour", "label": {"nl": "Power hour", "en": "Power hour"}, "prize": {"nl": "…", "en": "…"},
                 "scope": "teams" | "reps", "starts_at": "…Z", "ends_at": "…Z", "state": "ahead" | "running" | "ended",
                 "scoring": "total" | "per_fte_day" | "percent_of_target" | "most_improved" | "shrunk_mean"},
     "places": [{"id": "noord", "rank": 1, "team": TEAM, "rep": null, "avatar": null, "amount": 42, "score": 2.1,
                 "share": 1.0}],
     "places_total": 3, "winners": [0]}

`id` is what a place is known by from one state to the next; `prize` may be null. `score` is in usual units, for
percent_of_target a percent, null where there is no telling. `share` is of the leader's score, 0 to 1. `winners` are the
places of rank 1 once it has ended; what comes late may change them.

`goal`; `team` null and `teams` the parts when it is of all together:

    {"type": "goal", "seconds": 20, "notice": null, "metric": METRIC, "period": PERIOD, "team": TEAM | null,
     "amount": 29015000, "goal": 40000000, "percent": 72.5, "pace": "on_track", "expected": 32380952,
     "today": {"amount": 240000, "wins": 2}, "workdays_left": 5, "needed_per_workday": 2197000,
     "teams": [{"id": "noord", "name": "Team Noord", "letter": "A", "color": "#5BB8F5", "amount": 14820000,
                "goal": 20000000, "percent": 74.1}]}

`workdays_left` holds today; `needed_per_workday` is null when the goal is reached or no day is left.

`top`; `people` false: teams. People are ranked among those who may be named. At most 3 each:

    {"type": "top", "seconds": 20, "notice": null, "metric": METRIC, "by": "total", "period": PERIOD, "people": true,
     "best": [{"rank": 1, "team": TEAM, "rep": "Sanne", "avatar": "vos", "amount": 4200000, "per_fte": 4200000,
               "percent": 84.0}],
     "improved": [{"rank": 1, "team": TEAM, "rep": "Bram", "avatar": null, "amount": 3100000, "before": 1900000,
                   "gain": 1200000, "percent": 63.2}],
     "compared": {"until": "…Z", "before": {"id": "2026-10", "until": "…Z"}}}

`improved` have more than at the same point of the period before; `compared` null: quarters and years are not compared.

`wins`, as in `latest`, at most 6; `today` counts the deals won today:

    {"type": "wins", "seconds": 20, "notice": null, "wins": […], "today": 5}

`moments`, newest first, at most 6:

    {"type": "moments", "seconds": 20, "notice": null,
     "moments": [{"id": "4-88", "day": "2026-11-24", "kind": "streak" | "best" | "milestone" | "first",
                  "label": {"nl": "Persoonlijk record in omzet", "en": "…"}, "picture": "ster",
                  "badge": {"nl": "Dealmaker", "en": "Dealmaker"}, "team": TEAM, "rep": "Sanne", "avatar": "vos",
                  "reached": 50, "metric": METRIC}]}

`reached`: the working days of a streak, the mark of a milestone, the record of a best (both in the metric's smallest
unit; a record only where the person is named); null for a first. `picture` and `badge` may be null.

`message`:

    {"type": "message", "seconds": 15, "notice": null, "text": {"nl": "Vrijdag taart", "en": "Cake on Friday"}}

A celebration is sent once, when the thing has just happened (`domain/celebrations.py`):

    {"id": "deal:deal-7", "at": "…Z", "expires_at": "…Z", "kind": "deal" | "milestone" | "contest", "team_id": "noord",
     "team": "Team Noord", "letter": "A", "color": "#5BB8F5", "rep": "Sanne", "avatar": "vos", "amount": 1250000,
     "unit": METRIC, "headline": {"nl": "Deal gewonnen", "en": "Deal won"}}

`rep` and `avatar` are null on a screen whose playlist has no slide that names people, and may be null on others, as
`amount` and `unit` may; the team is null for a contest that several won.
"""
