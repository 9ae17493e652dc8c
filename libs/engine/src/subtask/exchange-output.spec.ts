import fc from 'fast-check'
import type { RecordBatch, StreamElement } from '../record.ts'
import { ExchangeOutput } from './exchange-output.ts'

class Recorder {
  readonly elements: StreamElement[] = []
  send(element: StreamElement): void {
    this.elements.push(element)
  }
}

test('every record reaches exactly one subtask, that of its key, in order and without its origin', () => {
  const key = fc.oneof(fc.string(), fc.integer(), fc.boolean())
  fc.assert(
    fc.property(fc.array(key, { minLength: 1 }), fc.integer({ min: 1, max: 5 }), (keys, receivers) => {
      const channels = Array.from({ length: receivers }, () => new Recorder())
      const batch: RecordBatch = {
        values: keys.map((_, i) => i),
        timestamps: keys.map((_, i) => i * 10),
        keys,
        origin: { partition: 'p', positions: keys.map((_, i) => i) },
      }
      expect(new ExchangeOutput(channels, 'keyed', 0).emit(batch)).toBeUndefined()
      const arrived = channels.flatMap(({ elements }, receiver) =>
        elements.flatMap((element) => {
          const sent = (element as { batch: RecordBatch }).batch
          expect(sent.origin).toBeUndefined()
          expect([...sent.values]).toEqual([...sent.values].sort((a, b) => (a as number) - (b as number)))
          return sent.values.map((value, i) => ({ value, key: sent.keys![i], timestamp: sent.timestamps[i], receiver }))
        }),
      )
      arrived.sort((a, b) => (a.value as number) - (b.value as number))
      expect(arrived.map(({ value, key: own, timestamp }) => ({ value, key: own, timestamp }))).toEqual(
        keys.map((own, i) => ({ value: i, key: own, timestamp: i * 10 })),
      )
      const receiverOf = new Map<unknown, number>()
      for (const { key: own, receiver } of arrived) {
        expect(receiverOf.get(own) ?? receiver).toBe(receiver)
        receiverOf.set(own, receiver)
      }
    }),
  )
})

test('it waits for every channel that holds back, and only then', async () => {
  const release: (() => void)[] = []
  const slow = { send: () => new Promise<void>((resolve) => release.push(resolve)) }
  const output = new ExchangeOutput([slow, new Recorder(), slow], 'keyed', 0)
  let settled = false
  const wait = Promise.resolve(output.broadcast({ kind: 'end' })).then(() => (settled = true))
  expect(release).toHaveLength(2)
  release[0]()
  await new Promise((resolve) => setImmediate(resolve))
  expect(settled).toBe(false)
  release[1]()
  await wait
})
