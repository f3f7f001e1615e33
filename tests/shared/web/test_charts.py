"""Where the parts of small charts stand: inside the picture, and in proportion."""

from dataclasses import astuple
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from shared.web import charts
from shared.web.charts import Stretch

NUMBERS = st.floats(0, 1e12)


def test_a_result_and_its_goal_share_one_scale() -> None:
    b = charts.bullet(50, 200, expected=100, low=150, high=180)
    assert (b.bar, b.goal, b.marker, b.band) == (Stretch(0, 25), 100, 50, Stretch(75, 15))


def test_a_result_beyond_its_goal_sets_the_scale() -> None:
    assert charts.bullet(200, 100).goal == 50


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_nothing_stands_outside_the_picture(value: float, goal: float, low: float, more: float) -> None:
    b = charts.bullet(value, goal, low=low, high=low + more)
    assert b.band is not None
    assert all(0 <= place <= 100 for place in chain(astuple(b.bar), astuple(b.band), (b.bar.end, b.band.end)))


def test_nothing_at_all_is_drawn_as_nothing() -> None:
    assert charts.bullet(0).bar == Stretch(0, 0)
    assert charts.sparkline([None, None]).last is None
    assert charts.shares([0, 0]) == [0, 0]


def test_a_rate_stands_inside_its_interval() -> None:
    i = charts.interval(0.18, 0.09, 0.32, 0.31, whole=charts.scale([0.32]))
    assert i.band.start < i.point < i.band.end <= 100
    assert i.baseline == 62


def test_a_line_goes_from_left_to_right_and_leaves_out_what_is_missing() -> None:
    assert charts.sparkline([0, None, 10]) == charts.Spark("0.0,100.0 100.0,0.0", (100.0, 0.0))
    assert charts.sparkline([-5, 5]).points == "0.0,100.0 100.0,0.0"
