import fc from 'fast-check'
import type { StreamElement } from '@lightflus/engine'
import { until } from '../testing/until.ts'
import { elementsInFlightMax } from './exchange-limits.ts'
import { localChannel } from './local-channel.ts'
import { overRing, type Way } from './testing/over-ring.ts'

const ways = [
  { name: 'within a slot', open: (signal: AbortSignal): Way => ({ ...localChannel(signal), close() {} }) },
  { name: 'over a ring', open: overRing },
  { name: 'over a ring that holds next to nothing', open: (signal: AbortSignal) => overRing(signal, 1_024) },
]

const timestamp = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
const record = fc.tuple(
  timestamp,
  fc.oneof(fc.string(), fc.integer(), fc.jsonValue()),
  fc.oneof(fc.string(), fc.integer(), fc.boolean()),
)
const someElement: fc.Arbitrary<StreamElement> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(record, { minLength: 1, maxLength: 4 }).map((records): StreamElement => ({
      kind: 'batch',
      batch: {
        timestamps: records.map(([at]) => at),
        values: records.map(([, value]) => value),
        keys: records.map(([, , key]) => key),
      },
    })),
  },
  fc.record({ kind: fc.constant('watermark' as const), timestamp, idle: fc.boolean() }),
  fc.record({ kind: fc.constant('barrier' as const), checkpoint: fc.nat(), attempt: fc.nat(), final: fc.boolean() }),
)

describe.each(ways)('a channel $name', ({ open }) => {
  let abort: AbortController
  let way: Way
  beforeEach(() => {
    abort = new AbortController()
    way = open(abort.signal)
  })
  afterEach(() => way.close())

  it('delivers every element in order, whatever the paces of the two ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someElement, { maxLength: 150 }),
        fc.infiniteStream(fc.nat(5)),
        async (elements, paces) => {
          const each = open(new AbortController().signal)
          const received: StreamElement[] = []
          const sending = (async () => {
            for (const element of elements) await each.output.send(element)
          })()
          await until('all has come', () => {
            for (let left = paces.next().value; left > 0; left -= 1) {
              const element = each.input.take()
              if (element) received.push(element)
            }
            return received.length === elements.length
          })
          await sending
          each.close()
          expect(received).toEqual(elements)
        },
      ),
      { numRuns: 15 },
    )
  })

  it('takes no more than its bound until something is taken out', async () => {
    const watermark = (timestamp: number): StreamElement => ({ kind: 'watermark', timestamp, idle: false })
    let sent = 0
    const sending = (async () => {
      while (sent < 3 * elementsInFlightMax) await way.output.send(watermark(sent++))
    })()
    await until('the sender waits', () => sent === elementsInFlightMax)
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toBe(elementsInFlightMax)
    let taken = 0
    await until('all has come', () => {
      if (way.input.take()) taken += 1
      expect(sent - taken).toBeLessThanOrEqual(elementsInFlightMax + 1)
      return taken === 3 * elementsInFlightMax
    })
    await sending
  })

  it('wakes its receiver when something comes', async () => {
    let woken = 0
    way.input.onArrival(() => (woken += 1))
    void way.output.send({ kind: 'end' })
    await until('it is woken', () => woken === 1)
    expect(way.input.take()).toEqual({ kind: 'end' })
  })

  it('lets a waiting sender go when the attempt is over', async () => {
    const element: StreamElement = { kind: 'watermark', timestamp: 1, idle: false }
    let waiting: unknown
    for (let sent = 0; sent < elementsInFlightMax; sent += 1) waiting = way.output.send(element)
    expect(waiting).toBeInstanceOf(Promise)
    abort.abort()
    await waiting
    expect(way.output.send(element)).toBeUndefined()
  })
})

describe('a channel over a ring', () => {
  it('says which edge a record cannot cross', () => {
    const way = overRing(new AbortController().signal)
    const batch = { values: [() => 1], timestamps: [0] }
    expect(() => way.output.send({ kind: 'batch', batch })).toThrow(
      expect.objectContaining({ code: 'LF_RECORD_UNSUPPORTED', message: expect.stringContaining('by->count') }),
    )
    way.close()
  })
})
