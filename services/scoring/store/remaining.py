"""How much is left to compute again."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Engine

from services.scoring.domain.rhythm import FIRST, RHYTHM
from services.scoring.store.tables import activities, restatements, stale
from services.scoring.store.writing import is_touched, touched_of
from shared.sql import reading


class Remaining(NamedTuple):
    """What is left to compute again.

    `partitions` and the `subjects` in them wait because of a new document, `windows` are subjects for which something
    else in a window of theirs changed, `prizes` those that are made from days.
    """

    partitions: int
    subjects: int
    windows: int
    prizes: int


def remaining(engine: Engine) -> Remaining:
    """Count what is left; quick when nothing is, else as long as it takes to look through the partitions that wait."""
    derived = stale.c.subject.startswith(RHYTHM) | stale.c.subject.startswith(FIRST)
    with reading(engine) as conn:
        waiting = conn.execute(sa.select(restatements)).all()
        subjects = 0
        for row in waiting:
            left = (activities.c.partition == row.partition, activities.c.subject > row.after_subject)
            count = sa.select(sa.func.count(activities.c.subject.distinct()))
            subjects += conn.execute(count.where(*left, is_touched(touched_of(row)))).scalar_one()
        found = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.case((derived, 1), else_=0)), 0))
        every, prizes = conn.execute(found.select_from(stale)).one()
        return Remaining(len(waiting), subjects, every - int(prizes), int(prizes))
