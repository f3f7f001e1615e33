"""Scripts that rank a board when it is looked at for the first time.

A new ranking is made beside the old one in many small steps, none of which keeps others waiting, and then takes its
place. Lines that are applied meanwhile count in it at once, so that the order of the steps makes no difference.
"""

from services.leaderboard.store.lua import COMMON

START = (
    COMMON
    + """
-- KEYS: state hot new:ranking new:divisors   ARGV: stamp, name, milliseconds to keep, divisor of the others
-- Makes room for a new ranking, unless somebody is at it already. Returns started | stale
local stamp, name = ARGV[1], ARGV[2] .. NEW
local _, hot, ranking, divisors = unpack(KEYS)
if (redis.call('HGET', KEYS[1], 'league') or '0') ~= stamp then return 'stale' end
if redis.call('HGET', divisors, '@league') ~= stamp then
  redis.call('UNLINK', ranking, divisors)
  redis.call('HSET', divisors, '@league', stamp, '@other', ARGV[4])
end
redis.call('PEXPIRE', divisors, ARGV[3])
for _, looked_at in ipairs(redis.call('SMEMBERS', hot)) do
  if redis.call('EXISTS', DIVISORS .. looked_at) == 0 then redis.call('SREM', hot, looked_at) end
end
redis.call('SADD', hot, name)
return 'started'
"""
)

FILL = (
    COMMON
    + """
-- KEYS: totals new:ranking new:divisors   ARGV: stamp, milliseconds to keep, JSON {members, divisors: those on the
-- roster; none: others who have a total}
-- Returns filled | stale
local totals, ranking, divisors_key = unpack(KEYS)
if redis.call('HGET', divisors_key, '@league') ~= ARGV[1] then return 'stale' end
local given = cjson.decode(ARGV[3])
local members, divisors = given.members, given.divisors
local amounts = redis.call('ZMSCORE', totals, unpack(members))
local other = tonumber(redis.call('HGET', divisors_key, '@other'))
local fields, put = {}, {}
for i, member in ipairs(members) do
  if divisors then fields[#fields + 1] = member; fields[#fields + 1] = string.format('%.0f', divisors[i]) end
  if divisors or amounts[i] then
    put[#put + 1] = score(tonumber(amounts[i] or 0), divisors and divisors[i] or other); put[#put + 1] = member
  end
end
in_chunks('ZADD', ranking, put)
in_chunks('HSET', divisors_key, fields)
redis.call('PEXPIRE', divisors_key, ARGV[2])
-- a minute longer: where there are divisors, there is a ranking
redis.call('PEXPIRE', ranking, ARGV[2] + 60000)
return 'filled'
"""
)

FINISH = (
    COMMON
    + """
-- KEYS: state hot ranking divisors new:ranking new:divisors   ARGV: stamp, name
-- Puts the new ranking in its place. Returns built | stale
local _, hot, ranking, divisors, new_ranking, new_divisors = unpack(KEYS)
if (redis.call('HGET', KEYS[1], 'league') or '0') ~= ARGV[1] then return 'stale' end
if redis.call('HGET', new_divisors, '@league') ~= ARGV[1] then return 'stale' end
redis.call('UNLINK', ranking, divisors)
if redis.call('EXISTS', new_ranking) == 1 then redis.call('RENAME', new_ranking, ranking) end
redis.call('RENAME', new_divisors, divisors)
redis.call('SREM', hot, ARGV[2] .. NEW)
redis.call('SADD', hot, ARGV[2])
return 'built'
"""
)
