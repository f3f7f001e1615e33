"""What the scripts have in common. They are Lua 5.1, for Redis 6.2 or later; each is one atomic step.

Besides the keys that are declared, scripts derive the names of totals, rankings and divisors from board
names; all of them carry the same hash tag, so they are in the slot of the declared ones.
"""

from services.leaderboard.domain.increments import LONGEST_RUN
from services.leaderboard.store import keys

COMMON = f"""
local TOTALS, RANKING, DIVISORS = '{keys.TOTALS}', '{keys.RANKING}', '{keys.DIVISORS}'
local ENTRIES, NEW = '{keys.ENTRIES}', '{keys.NEW}'
local MEASURES = {{'total', 'per_fte', 'attainment'}}
local CHUNK = {LONGEST_RUN}  -- what unpack can put on Lua's stack, twice
local function bump(state, now)
  -- starts at the time, so that an emptied store never repeats a version that somebody still holds
  if redis.call('HEXISTS', state, 'version') == 0 then redis.call('HSET', state, 'version', now) end
  local version = redis.call('HINCRBY', state, 'version', 1)
  redis.call('PUBLISH', '{keys.CHANNEL}', version)
  return version
end
local function in_chunks(command, key, list)
  for i = 1, #list, 2 * CHUNK do
    redis.call(command, key, unpack(list, i, math.min(i + 2 * CHUNK - 1, #list)))
  end
end
local function score(total, divisor)
  -- minus, because the best come first; +inf, because who cannot be compared comes last
  if divisor == 0 then return '+inf' end
  return string.format('%.17g', 0 - total / divisor)
end
"""
