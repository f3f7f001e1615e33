"""What a team and its people can learn from their own figures; everything here is computed, nothing decided.

`handlers/insight.py` gathers the figures and offers:

    Insight(Looks(engine), leagues)
        .teams(period: Period, metric: str, now, sees) -> tuple[TeamRow, ...]
        .team(team: str, period: Period, metric: str, now) -> TeamInsight
        .rep(rep: str, period: Period, metric: str, now) -> RepInsight
        .move(rep: str, target: str, day: date, period: Period, metric: str, now) -> WhatIf
        .mark(signal: str, by: str, now, *, done: bool) -> None
        .metric_of(name: str | None, now: datetime) -> Metric: the one named, else the first that has goals

It raises NotFound for a team, a person or a metric that there is not.
"""
