import { keyGroupOf, subtaskOfKeyGroup } from '@lightflus/engine'
import { recordsOf, Workbench } from './testing/workbench.ts'

const keys = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const ownedBy = (slot: number) => keys.find((key) => subtaskOfKeyGroup(keyGroupOf(key), 2) === slot)!

/** Every slot sends to every other; the one that owns `key` runs full of memory in the middle of that. */
const program = (key: number): string => `
  import { count, generator, job, table } from 'lightflus'
  export default job('test', (flow) => {
    flow
      .source(generator.source({ partitions: 2, generate: (index) => ({ key: index % ${keys.length}, text: 'x'.repeat(index % 500) }) }), { name: 'numbers' })
      .keyBy(({ key }) => key)
      .aggregate({ count: count() }, { name: 'counted' })
      .map((result) => {
        if (result.key === ${key} && result.count === 3_000) for (const all = []; ; ) all.push({ result: { ...result } })
        return result
      })
      .sinkTo(table.sink({ key: ({ key }) => String(key), row: ({ key, count }) => ({ key, count }) }), { name: 'table' })
  })`

describe('a job whose slot is lost in the middle', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  it.each([0, 1])('ends with what ended slot %i, and leaves none waiting for the other', async (slot) => {
    const bundlePath = await bench.bundle(program(ownedBy(slot)))
    const watched = bench.start({ bundlePath, parallelism: 2, slotHeapBytesMax: 64 * 1_048_576 })
    const { state, error } = await watched.handle.done
    expect(state).toBe('FAILED')
    expect(error).toMatchObject({ code: 'LF_SLOT_MEMORY', details: { slot } })
    expect(recordsOf(watched, 'table').in).toBeGreaterThan(0)
    expect(watched.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})
