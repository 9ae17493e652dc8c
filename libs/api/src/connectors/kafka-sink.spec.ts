import { kafka } from './kafka.ts'

const sink = { connection: 'c', topic: 't', value: (record: unknown) => record as object }

describe('kafka.sink', () => {
  it('says how output is delivered only where the program does', () => {
    const optionsOf = (options: object) => kafka.sink({ ...sink, ...options }).options['connector']
    const plain = { topic: 't', compression: 'none', idempotent: true, changelog: null }
    expect(optionsOf({})).toEqual(plain)
    expect(optionsOf({ delivery: 'exactly-once', transactions: 'wal' })).toEqual({
      ...plain,
      delivery: 'exactly-once',
      transactions: 'wal',
    })
    expect(optionsOf({ delivery: 'at-least-once', idempotent: false })).toEqual({
      ...plain,
      delivery: 'at-least-once',
      idempotent: false,
    })
  })

  it.each([
    [{ delivery: 'once' }, "option 'delivery' must be one of 'exactly-once', 'at-least-once'"],
    [{ delivery: 'exactly-once', idempotent: false }, "option 'idempotent' must be true"],
    [{ delivery: 'at-least-once', transactions: 'wal' }, "option 'delivery' must be one of 'exactly-once'"],
  ] as const)('refuses %j', (options, message) => {
    expect(() => kafka.sink({ ...sink, ...options } as never)).toThrow(message)
  })
})
