import fc from 'fast-check'
import { drawProcess, messagePartBytes, SessionLink, type WorkerProcess } from './session-link.ts'

const nothing = new Uint8Array(0)
const one = Buffer.alloc(16, 1)
const other = Buffer.alloc(16, 2)

interface Sent {
  readonly partition: number
  readonly record: Buffer
}

/** A link that writes into a list, and tells what it received. */
function linked(own: WorkerProcess, members: ReadonlyMap<number, number>, session = one) {
  const log: Sent[] = []
  const received: string[] = []
  const link = new SessionLink({
    session,
    own,
    log: { append: (partition, record) => void log.push({ partition, record: Buffer.from(record) }) },
    memberOf: (worker) => members.get(worker),
    onMessage: (sender, message) => void received.push(`${sender}: ${message.toString()}`),
  })
  return {
    link,
    log,
    received,
    send: (receiver: number, text: string) => link.send(receiver, nothing, Buffer.from(text)),
  }
}

const first = { worker: 0, process: 10 }
const second = { worker: 1, process: 11 }
const members = new Map([
  [0, 10],
  [1, 11],
])

describe('the way between two workers', () => {
  it('passes over what comes again, what other attempts sent, and what processes that take no part in this one sent', () => {
    const text = fc.string({ maxLength: 8 })
    const stranger = fc.constantFrom(
      { own: { worker: 0, process: 12 }, session: one },
      { own: { worker: 2, process: 10 }, session: one },
      { own: first, session: other },
    )
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 20 }),
        fc.array(fc.tuple(fc.nat(40), stranger)),
        fc.array(fc.nat(40)),
        (texts, strangers, repeats) => {
          const { send, log } = linked(first, members)
          for (const each of texts) send(1, each)
          const records = log.map(({ record }) => record)
          // A repeat comes any time after the record itself.
          for (const at of repeats) if (at < records.length) records.splice(at + 1 + (at % 3), 0, records[at])
          for (const [at, { own, session }] of strangers) {
            const strange = linked(own, members, session)
            for (let sent = 0; sent <= at; sent += 1) strange.send(1, 'strange')
            records.splice(at % (records.length + 1), 0, strange.log.at(-1)!.record)
          }
          const receiver = linked(second, members)
          for (const record of records) receiver.link.receive(record)
          expect(receiver.received).toEqual(texts.map((each) => `0: ${each}`))
        },
      ),
    )
  })

  it('ends the attempt where a record is missing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10 }), fc.nat(8), (count, lost) => {
        fc.pre(lost < count - 1)
        const { send, log } = linked(first, members)
        for (let at = 0; at < count; at += 1) send(1, `${at}`)
        const receiver = linked(second, members)
        const receive = () => {
          for (const [at, { record }] of log.entries()) if (at !== lost) receiver.link.receive(record)
        }
        expect(receive).toThrow(expect.objectContaining({ code: 'LF_EXCHANGE_PROTOCOL' }))
        expect(receiver.received).toHaveLength(lost)
      }),
    )
  })

  it('counts for each receiver by itself', () => {
    const sender = linked(first, members)
    for (const [receiver, text] of [
      [1, 'a'],
      [2, 'b'],
      [1, 'c'],
    ] as const)
      sender.send(receiver, text)
    const receiver = linked(second, members)
    for (const { partition, record } of sender.log) if (partition === 1) receiver.link.receive(record)
    expect(receiver.received).toEqual(['0: a', '0: c'])
  })

  it('carries messages longer than a record in several', () => {
    const text = 'long '.repeat(messagePartBytes)
    const sender = linked(first, members)
    sender.send(1, text)
    sender.send(1, 'short')
    expect(sender.log.length).toBeGreaterThan(5)
    const receiver = linked(second, members)
    for (const { record } of sender.log) receiver.link.receive(record)
    expect(receiver.received).toEqual([`0: ${text}`, '0: short'])
  })

  it('draws processes apart', () => {
    expect(new Set(Array.from({ length: 50 }, drawProcess)).size).toBe(50)
  })
})
