/**
 * What a commit does in Redis. A script is done as a whole while nobody else is served, but an error in its middle would
 * leave what came before it: so it looks at everything first, and writes only what cannot be refused any more.
 */

/** KEYS: markers. ARGV: attempt, job. Answers the number of a newer attempt, or of each marker where it stands. */
export const claimScript = `
for _, key in ipairs(KEYS) do
  local other = redis.call('HGET', key, 'attempt')
  if other and tonumber(other) > tonumber(ARGV[1]) then return {'fenced', other} end
end
local found = {'ok'}
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'attempt', ARGV[1], 'job', ARGV[2])
  redis.call('HSETNX', key, 'checkpoint', '0')
  found[i + 1] = redis.call('HGET', key, 'checkpoint')
end
return found`

/**
 * KEYS: marker. ARGV: attempt, where the marker stands, where it is to stand, then commands in MessagePack. Answers 'ok';
 * or, having written nothing, 'fenced' and the newer attempt, 'lost' and where the marker stands, 'denied', the key and the
 * command, 'type', the command and keys of another type, 1,000 at most.
 *
 * XADD names its entries by the clock, so replicas are sent what was done and not the script, as Redis 7 does anyway. The
 * rights to the keys can be asked for since Redis 7.
 */
export const commitScript = `
if redis.replicate_commands then redis.replicate_commands() end
local marker = redis.call('HMGET', KEYS[1], 'attempt', 'checkpoint')
local attempt, checkpoint = tonumber(marker[1] or 0), marker[2] or '0'
if attempt > tonumber(ARGV[1]) then return {'fenced', tostring(attempt)} end
if attempt == tonumber(ARGV[1]) and checkpoint == ARGV[3] then return {'ok'} end
if attempt < tonumber(ARGV[1]) or checkpoint ~= ARGV[2] then return {'lost', checkpoint} end
local wanted = {hset = 'hash', hdel = 'hash', rpush = 'list', xadd = 'stream'}
local left = {set = 'string', del = 'none'}
local types, parts, refused = {}, {}, {}
for i = 4, #ARGV do
  parts[i] = cmsgpack.unpack(ARGV[i])
  for _, command in ipairs(parts[i]) do
    local name, key = command[1], command[2]
    if redis.acl_check_cmd and not redis.acl_check_cmd(unpack(command, 1, math.min(#command, 5))) then
      return {'denied', key, name}
    end
    local type = wanted[name]
    if type then
      local found = types[key] or redis.call('TYPE', key).ok
      if found == 'none' or found == type then
        types[key] = type
      elseif found ~= 'refused' and #refused < 1002 then
        if #refused == 0 then refused = {'type', name} end
        refused[#refused + 1] = key
        types[key] = 'refused'
      end
    elseif left[name] then
      types[key] = left[name]
    end
  end
end
if #refused > 0 then return refused end
for i = 4, #ARGV do
  for _, command in ipairs(parts[i]) do redis.call(unpack(command)) end
end
redis.call('HSET', KEYS[1], 'checkpoint', ARGV[3])
return {'ok'}`
