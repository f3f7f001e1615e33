"""Scripts that read boards, and rank one when it is looked at for the first time."""

from services.leaderboard.store.lua import COMMON

BUILD = (
    COMMON
    + """
-- KEYS: state hot totals ranking divisors   ARGV: stamp, name, milliseconds to keep, JSON {members, divisors, other}
-- Ranks every member of the scope and everyone who has a total. Returns built | stale
local stamp, name, keep = ARGV[1], ARGV[2], ARGV[3]
local _, hot, totals, ranking, divisors_key = unpack(KEYS)
if (redis.call('HGET', KEYS[1], 'league') or '0') ~= stamp then return 'stale' end
local given = cjson.decode(ARGV[4])
local divisors, fields, put = {}, {'@league', stamp, '@other', given.other}, {}
for i, member in ipairs(given.members) do
  divisors[member] = given.divisors[i]
  fields[#fields + 1] = member; fields[#fields + 1] = string.format('%.0f', given.divisors[i])
end
local function place(member, total)
  put[#put + 1] = score(total, divisors[member] or given.other); put[#put + 1] = member
  divisors[member] = nil
end
local found = redis.call('ZRANGE', totals, 0, -1, 'WITHSCORES')
for i = 1, #found, 2 do place(found[i], tonumber(found[i + 1])) end
for _, member in ipairs(given.members) do if divisors[member] then place(member, 0) end end
redis.call('DEL', ranking, divisors_key)
in_chunks('ZADD', ranking, put)
in_chunks('HSET', divisors_key, fields)
redis.call('PEXPIRE', divisors_key, keep)
-- a minute longer: where there are divisors, there is a ranking
redis.call('PEXPIRE', ranking, keep + 60000)
for _, looked_at in ipairs(redis.call('SMEMBERS', hot)) do
  if redis.call('EXISTS', DIVISORS .. looked_at) == 0 then redis.call('SREM', hot, looked_at) end
end
redis.call('SADD', hot, name)
return 'built'
"""
)

_READ = """
-- KEYS: state totals ranking divisors   ARGV: stamp, milliseconds to keep, …
-- Returns stale (read the documents again) | build (rank first) | absent (no such member), version, …
local state, totals, ranking, divisors = unpack(KEYS)
local version = redis.call('HGET', state, 'version') or '0'
if (redis.call('HGET', state, 'league') or '0') ~= ARGV[1] then return {'stale', version} end
if redis.call('HGET', divisors, '@league') ~= ARGV[1] then return {'build', version} end
redis.call('PEXPIRE', divisors, ARGV[2])
redis.call('PEXPIRE', ranking, ARGV[2] + 60000)
local function rank(score) return redis.call('ZCOUNT', ranking, '-inf', '(' .. score) + 1 end
"""

PAGE = (
    _READ
    + """
-- … member or '', start (rows before the member), count (rows after it)
-- ok, version, total, start, rank of the first, [member, score, …], [amount, …]
local member, start, count = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local stop = start + count - 1
if member ~= '' then
  local place = redis.call('ZRANK', ranking, member)
  if not place then return {'absent', version} end
  start, stop = math.max(0, place - start), place + count
end
local total = redis.call('ZCARD', ranking)
local rows = redis.call('ZRANGE', ranking, start, stop, 'WITHSCORES')
if #rows == 0 then return {'ok', version, total, start, 0, {}, {}} end
local members = {}
for i = 1, #rows, 2 do members[#members + 1] = rows[i] end
return {'ok', version, total, start, rank(rows[2]), rows, redis.call('ZMSCORE', totals, unpack(members))}
"""
)

NEIGHBOURS = (
    _READ
    + """
-- … member
-- ok, version, then for itself, the next better and the next worse: {member, score, rank, amount} or {}
local function row(member, score)
  return {member, score, rank(score), redis.call('ZSCORE', totals, member) or '0'}
end
local own = redis.call('ZSCORE', ranking, ARGV[3])
if not own then return {'absent', version} end
local above, below = {}, {}
local better = redis.call('ZREVRANGEBYSCORE', ranking, '(' .. own, '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
if #better > 0 then
  -- of equals, the first
  above = row(redis.call('ZRANGEBYSCORE', ranking, better[2], better[2], 'LIMIT', 0, 1)[1], better[2])
end
local worse = redis.call('ZRANGEBYSCORE', ranking, '(' .. own, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
if #worse > 0 then below = row(worse[1], worse[2]) end
return {'ok', version, row(ARGV[3], own), above, below}
"""
)
