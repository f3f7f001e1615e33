"""The names of all keys. One hash tag keeps them in one slot, so that a step over several holds on Redis Cluster."""

PREFIX = "{samenspel}:standings:"

STATE = PREFIX + "state"
"""Hash: version, zone, league (the version at which a document came last), roster (its latest version),
booked (microseconds), applied (milliseconds), both since 1970."""

LEAGUE = PREFIX + "league"
"""Hash: `<kind>:<version>` → the document as JSON."""

SEEN = PREFIX + "seen"
"""Hash: partition of `credits` → number of the last line applied."""

GOAL = PREFIX + "goal"
"""Hash: partition → line that must be reached again; empty unless the standings are being rebuilt."""

ASKED = PREFIX + "asked"
"""Hash: `league` or partition of `credits` → when it was asked to be published again (milliseconds since 1970)."""

BOARDS = PREFIX + "boards"
"""Sorted set: name of each board that has totals → when they end (seconds since 1970, inf: never)."""

HOT = PREFIX + "hot"
"""Set: `<board name>:<measure>` of the rankings that somebody looked at lately, with NEW those being made."""

WINS = PREFIX + "wins"
"""Hash: win → its sum."""

WIN_FACTS = PREFIX + "wins:facts"
"""Hash: win → the win as JSON."""

WINS_BY_TIME = PREFIX + "wins:time"
"""Sorted set: win → when it counts (microseconds since 1970)."""

MOMENTS = PREFIX + "moments"
"""Hash: moment → its sum, over all metrics."""

MOMENT_FACTS = PREFIX + "moments:facts"
"""Hash: moment → the moment as JSON."""

MOMENTS_BY_TIME = PREFIX + "moments:time"
"""Sorted set: moment → when its day begins (microseconds since 1970)."""

DAYS = PREFIX + "days"
"""Sorted set: `<metric>:<day>` of which the pieces of work are kept → when they end (seconds since 1970)."""

ENTRIES = PREFIX + "entries:"
"""+ metric:day: hash of `<moment>|<team>|<rep>|<rule>|<subject>` → its sum, only those that are not zero."""

CELEBRATED = PREFIX + "celebrated:"
"""+ a celebration's id: there, as long as it may not be celebrated again."""

TOTALS = PREFIX + "totals:"
"""+ board name: sorted set of member → amount, only those that are not zero."""

RANKING = PREFIX + "ranking:"
"""+ board name:measure: sorted set of every member → minus the measured value, so that the best comes first
and equals stand by id; +inf where nothing can be measured. Made when looked at, kept up to date while it lasts."""

DIVISORS = PREFIX + "divisors:"
"""+ board name:measure: hash of member → what its amount is divided by, 0 when nothing can be measured;
`@league` is the stamp it was made from, `@other` the divisor of those who are not on the roster."""

NEW = ":new"
"""Behind the name of a ranking, and of its divisors, while they are being made."""

CHANNEL = PREFIX + "changed"
"""Pub/sub: each applied batch and each league change sends the new version."""

TOLD = PREFIX + "told"
"""Pub/sub: what screens are told, as JSON {event, screen (null: all), data}; see domain/told.py."""
