import fc from 'fast-check'
import { BatchWriter } from './batch-writer.ts'

/** A send that is answered by hand. */
function gate() {
  const calls: { readonly items: number[]; readonly resolve: () => void; readonly reject: (error: Error) => void }[] =
    []
  return {
    calls,
    send: (items: number[]) => new Promise<void>((resolve, reject) => void calls.push({ items, resolve, reject })),
  }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('batch writer', () => {
  it('sends all items once and in order, never two batches at a time, none beyond its bounds', async () => {
    const write = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 })
    const bounds = fc.record({ itemsMax: fc.integer({ min: 1, max: 12 }), bytesMax: fc.integer({ min: 1, max: 100 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { maxLength: 12 }),
        bounds,
        fc.scheduler(),
        async (writes, bounds, scheduler) => {
          const sent: number[] = []
          let underWay = 0
          const writer = new BatchWriter<number>({
            ...bounds,
            send: async (items) => {
              expect(++underWay).toBe(1)
              expect(items.length).toBeLessThanOrEqual(bounds.itemsMax)
              if (items.length > 1) expect(items.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(bounds.bytesMax)
              await scheduler.schedule(Promise.resolve())
              sent.push(...items)
              underWay--
            },
          })
          const all = scheduler.waitFor(
            (async () => {
              for (const items of writes) {
                for (const item of items) writer.add(item, item)
                await writer.ready()
              }
              await writer.flush()
            })(),
          )
          await all
          expect(sent).toEqual(writes.flat())
        },
      ),
    )
  })

  it('holds the caller back while a batch is under way and another is full', async () => {
    const { calls, send } = gate()
    const writer = new BatchWriter<number>({ itemsMax: 2, bytesMax: 100, send })
    const add = (...items: number[]) => {
      for (const item of items) writer.add(item, 1)
      return writer.ready()
    }
    expect(add(1, 2)).toBeUndefined()
    expect(add(3)).toBeUndefined()
    let isHeld = true
    const held = Promise.resolve(add(4)).then(() => (isHeld = false))
    await settle()
    expect([isHeld, calls.map(({ items }) => items)]).toEqual([true, [[1, 2]]])
    calls[0]!.resolve()
    await held
    expect(calls.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4],
    ])
    calls[1]!.resolve()
    await writer.flush()
  })

  it('sends what is not full after a short while', async () => {
    const { calls, send } = gate()
    const writer = new BatchWriter<number>({ itemsMax: 10, bytesMax: 100, lingerMs: 1, send })
    writer.add(1, 1)
    expect(writer.ready()).toBeUndefined()
    while (calls.length === 0) await settle()
    expect(calls[0]!.items).toEqual([1])
    calls[0]!.resolve()
    await writer.flush()
  })

  it('passes a failure to every later call, also to the one that waits', async () => {
    const { calls, send } = gate()
    const writer = new BatchWriter<number>({ itemsMax: 1, bytesMax: 100, send })
    writer.add(1, 1)
    expect(writer.ready()).toBeUndefined()
    writer.add(2, 1)
    const held = writer.ready()
    calls[0]!.reject(new Error('gone'))
    await expect(held).rejects.toThrow('gone')
    await expect(writer.ready()).rejects.toThrow('gone')
    await expect(writer.flush()).rejects.toThrow('gone')
    expect(calls).toHaveLength(1)
  })

  it('drops what waits when it is closed', async () => {
    const { calls, send } = gate()
    const writer = new BatchWriter<number>({ itemsMax: 10, bytesMax: 100, send })
    writer.add(1, 1)
    void writer.ready()
    writer.close()
    await expect(writer.flush()).rejects.toThrow('closed')
    expect(calls).toEqual([])
  })
})
