"""Scripts that change the standings: apply a batch, keep a document, wipe."""

from services.leaderboard.domain.increments import LARGEST
from services.leaderboard.store.lua import COMMON

WINS_KEPT = 500
"""Wins, and moments: more than are ever shown, so that taking some back does not leave the list short."""

APPLY = (
    COMMON
    + f"""
-- KEYS: state seen goal asked boards hot days wins wins:facts wins:time moments moments:facts moments:time
-- ARGV: the batch as JSON (partition, first, last, zone, now, booked, boards, days, wins, moments)
-- Returns {{outcome, number}}: applied version | seen n | behind n | empty 0 | gap n | stale 0,
--   or {{overflow, 0, board, member}}
local LARGEST, KEEP = {LARGEST}, {WINS_KEPT}
local state, seen_key, goal, asked, boards, hot_key, days = unpack(KEYS, 1, 7)
local batch = cjson.decode(ARGV[1])
local partition = batch.partition

local function remember_goal()
  if batch.last > tonumber(redis.call('HGET', goal, partition) or '0') then
    redis.call('HSET', goal, partition, batch.last)
  end
end

local function judge()
  if batch.zone ~= (redis.call('HGET', state, 'zone') or '') then return {{'stale', 0}} end
  local seen = tonumber(redis.call('HGET', seen_key, partition) or '0')
  if batch.last <= seen then return {{'seen', seen}} end
  if batch.first <= seen then return {{'behind', seen}} end
  if seen > 0 and batch.first > seen + 1 then return {{'gap', seen}} end
  if batch.zone == '' or batch.first > seen + 1 then remember_goal(); return {{'empty', 0}} end
end

local function too_large(old, more)
  return (old > 0 and more > LARGEST - old) or (old < 0 and more < -LARGEST - old)
end

local function new_totals(board)
  -- nothing may be written before every sum of the batch is known to be exact
  local old = redis.call('ZMSCORE', TOTALS .. board.name, unpack(board.members))
  board.fresh = true
  for i, more in ipairs(board.amounts) do
    local before = old[i] and tonumber(old[i]) or 0
    if old[i] then board.fresh = false end
    if too_large(before, more) then return board.members[i] end
    board.amounts[i] = before + more
  end
end

local function write_totals(board)
  local put, drop = {{}}, {{}}
  for i, total in ipairs(board.amounts) do
    if total == 0 then drop[#drop + 1] = board.members[i]
    else put[#put + 1] = string.format('%.0f', total); put[#put + 1] = board.members[i] end
  end
  local key = TOTALS .. board.name
  if #put > 0 then redis.call('ZADD', key, unpack(put)) end
  if #drop > 0 and not board.fresh then
    redis.call('ZREM', key, unpack(drop))
    if #put == 0 and redis.call('EXISTS', key) == 0 then redis.call('ZREM', boards, board.name) end
  end
  if board.fresh and #put > 0 and redis.call('ZCARD', key) * 2 == #put then
    if board.expires > 0 then redis.call('EXPIREAT', key, board.expires) end
    redis.call('ZADD', boards, board.expires > 0 and board.expires or '+inf', board.name)
  end
end

local function write_ranking(board, name)
  local divisors = redis.call('HMGET', DIVISORS .. name, '@other', unpack(board.members))
  if not divisors[1] then redis.call('SREM', hot_key, name); return end
  local put, drop = {{}}, {{}}
  for i, total in ipairs(board.amounts) do
    if total == 0 and not divisors[i + 1] then drop[#drop + 1] = board.members[i]
    else
      put[#put + 1] = score(total, tonumber(divisors[i + 1] or divisors[1]))
      put[#put + 1] = board.members[i]
    end
  end
  if #put > 0 then redis.call('ZADD', RANKING .. name, unpack(put)) end
  if #drop > 0 then redis.call('ZREM', RANKING .. name, unpack(drop)) end
end

local function write_day(day)
  local key, gone = ENTRIES .. day.name, {{}}
  for i, amount in ipairs(day.amounts) do
    local field = day.members[i]
    if redis.call('HINCRBY', key, field, string.format('%.0f', amount)) == 0 then gone[#gone + 1] = field end
  end
  if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
  if redis.call('EXISTS', key) == 0 then redis.call('ZREM', days, day.name)
  elseif redis.call('ZADD', days, day.expires, day.name) == 1 then redis.call('EXPIREAT', key, day.expires) end
end

local function write_feed(given, sums, facts, by_time)
  for _, one in ipairs(given) do
    -- a sum below zero is kept too, so that the cut of the batches makes no difference
    local sum = redis.call('HINCRBY', sums, one.key, one.amount)
    if sum <= 0 then redis.call('HDEL', facts, one.key); redis.call('ZREM', by_time, one.key)
    elseif one.facts ~= '' then
      redis.call('HSET', facts, one.key, one.facts)
      redis.call('ZADD', by_time, one.at, one.key)
    end
    if sum == 0 then redis.call('HDEL', sums, one.key) end
  end
  local extra = redis.call('ZCARD', by_time) - KEEP
  if extra <= 0 then return end
  local old = redis.call('ZRANGE', by_time, 0, extra - 1)
  redis.call('HDEL', sums, unpack(old)); redis.call('HDEL', facts, unpack(old))
  redis.call('ZREMRANGEBYRANK', by_time, 0, extra - 1)
end

local function mark_seen()
  redis.call('HSET', seen_key, partition, batch.last)
  redis.call('HDEL', asked, partition)
  local wanted = redis.call('HGET', goal, partition)
  if wanted and tonumber(wanted) <= batch.last then redis.call('HDEL', goal, partition) end
  redis.call('HSET', state, 'applied', batch.now)
  if batch.booked > tonumber(redis.call('HGET', state, 'booked') or '0') then
    redis.call('HSET', state, 'booked', string.format('%.0f', batch.booked))
  end
  redis.call('ZREMRANGEBYSCORE', boards, '-inf', batch.now / 1000)
  redis.call('ZREMRANGEBYSCORE', days, '-inf', batch.now / 1000)
end

local verdict = judge()
if verdict then return verdict end
for _, board in ipairs(batch.boards) do
  local member = new_totals(board)
  if member then return {{'overflow', 0, board.name, member}} end
end
local hot = {{}}
for _, name in ipairs(redis.call('SMEMBERS', hot_key)) do hot[name] = true end
for _, board in ipairs(batch.boards) do
  write_totals(board)
  if next(hot) then
    for _, measure in ipairs(MEASURES) do
      local name = board.name .. ':' .. measure
      if hot[name] then write_ranking(board, name) end
      if hot[name .. NEW] then write_ranking(board, name .. NEW) end
    end
  end
end
for _, day in ipairs(batch.days) do write_day(day) end
if #batch.wins > 0 then write_feed(batch.wins, unpack(KEYS, 8, 10)) end
if #batch.moments > 0 then write_feed(batch.moments, unpack(KEYS, 11, 13)) end
mark_seen()
return {{'applied', bump(state, batch.now)}}
"""
)

_WIPE = """
local function unlink_all(names)
  for i = 1, #names, CHUNK do redis.call('UNLINK', unpack(names, i, math.min(i + CHUNK - 1, #names))) end
end
local function wipe(state, seen, goal, asked, boards, hot, days, ...)
  local read = redis.call('HGETALL', seen)
  for i = 1, #read, 2 do
    if tonumber(read[i + 1]) > tonumber(redis.call('HGET', goal, read[i]) or '0') then
      redis.call('HSET', goal, read[i], read[i + 1])
    end
  end
  local names = {seen, asked, boards, hot, days, ...}
  for _, name in ipairs(redis.call('ZRANGE', days, 0, -1)) do names[#names + 1] = ENTRIES .. name end
  for _, name in ipairs(redis.call('ZRANGE', boards, 0, -1)) do names[#names + 1] = TOTALS .. name end
  for _, name in ipairs(redis.call('SMEMBERS', hot)) do
    names[#names + 1] = RANKING .. name; names[#names + 1] = DIVISORS .. name
  end
  unlink_all(names)
  redis.call('HDEL', state, 'booked', 'applied')
end
"""

WIPE = (
    COMMON
    + _WIPE
    + """
-- KEYS: the marks   ARGV: now
-- Forgets totals and marks, keeps the documents, and remembers as goal how far it had read. Returns the version.
wipe(unpack(KEYS))
return bump(KEYS[1], ARGV[1])
"""
)

TOUCH = (
    COMMON
    + """
-- KEYS: state   ARGV: now
return bump(KEYS[1], ARGV[1])
"""
)

PUT = (
    COMMON
    + _WIPE
    + """
-- KEYS: the marks, league
-- ARGV: field, document as JSON, roster version or 0, its zone, now
-- Returns known | stored | wiped (the latest roster has another time zone: every period begins elsewhere)
local state, league, version = KEYS[1], KEYS[#KEYS], tonumber(ARGV[3])
if redis.call('HGET', league, ARGV[1]) == ARGV[2] then return 'known' end
redis.call('HSET', league, ARGV[1], ARGV[2])
redis.call('HDEL', KEYS[4], 'league')
local outcome = 'stored'
if version > 0 and version >= tonumber(redis.call('HGET', state, 'roster') or '0') then
  local zone = redis.call('HGET', state, 'zone')
  if zone and zone ~= ARGV[4] then wipe(unpack(KEYS, 1, #KEYS - 1)); outcome = 'wiped' end
  -- lines that were published again before there was a roster were passed over: they are asked for once more
  if not zone then redis.call('DEL', KEYS[4]) end
  redis.call('HSET', state, 'roster', version, 'zone', ARGV[4])
end
redis.call('HSET', state, 'league', bump(state, ARGV[5]))
return outcome
"""
)
