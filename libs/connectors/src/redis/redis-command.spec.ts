import { recordCommands, type RedisSinkOptions } from './redis-command.ts'

const commands = (value: unknown, options: Partial<RedisSinkOptions> = {}, key: unknown = 'k') =>
  recordCommands({}, { key: () => key, value: () => value }, { command: 'set', ttlMs: null, ...options }).commands

test.each<[unknown, Partial<RedisSinkOptions>, readonly unknown[]]>([
  [5, {}, [['set', 'k', '5']]],
  ['five', { ttlMs: 500 }, [['set', 'k', 'five', 'PX', 500]]],
  [7n, { command: 'list' }, [['rpush', 'k', '7']]],
  [
    true,
    { command: 'list', ttlMs: 9 },
    [
      ['rpush', 'k', 'true'],
      ['pexpire', 'k', 9],
    ],
  ],
  [{ a: 1, b: 'x' }, { command: 'hash' }, [['hset', 'k', 'a', '1', 'b', 'x']]],
  [
    { a: 1 },
    { command: 'stream', ttlMs: 9 },
    [
      ['xadd', 'k', '*', 'a', '1'],
      ['pexpire', 'k', 9],
    ],
  ],
])('%p with %p becomes %p', (value, options, expected) => {
  expect(commands(value, options)).toEqual(expected)
})

test.each<[unknown, Partial<RedisSinkOptions>, unknown]>([
  [{}, {}, 'k'],
  [undefined, {}, 'k'],
  [[1], { command: 'hash' }, 'k'],
  [{}, { command: 'hash' }, 'k'],
  [{ a: null }, { command: 'stream' }, 'k'],
  ['fine', {}, ''],
  ['fine', {}, null],
])('%p with %p and key %p is no value of the sink', (value, options, key) => {
  expect(() => commands(value, options, key)).toThrow(expect.objectContaining({ code: 'LF_SINK_VALUE' }))
})
