"""Scripts that read boards."""

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
