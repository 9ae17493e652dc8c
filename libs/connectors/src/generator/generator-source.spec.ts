import { until } from '@lightflus/testing/services'
import fc from 'fast-check'
import { checkpointOf, drain, type ReadRecords } from '../testing/drain.ts'
import { describeSourceContract } from '../testing/source-contract.ts'
import { sourceContext } from '../testing/test-context.ts'
import { GeneratorSource, type GeneratorOptions } from './generator-source.ts'
import { randomOf } from './random.ts'

type Context = { readonly random: () => number; readonly time: number; readonly partition: number }
const generate = (index: number, { random, time, partition }: Context) => [index, random(), random(), time, partition]

const start = 1_700_000_000_000
const defaults: GeneratorOptions = { count: 100, perSecond: null, partitions: 1, seed: 7 }

function reader(
  options: Partial<GeneratorOptions>,
  clock = { now: () => start },
  subtask = { index: 0, parallelism: 1 },
) {
  const functions = { connector: { generate } }
  return new GeneratorSource(sourceContext({ options: { ...defaults, ...options }, functions, clock, subtask }))
}

async function read(options: Partial<GeneratorOptions>): Promise<ReadRecords> {
  const source = reader(options)
  await source.open(undefined)
  return drain(source, new Map())
}

describe('generator source', () => {
  it('shares the indexes of all partitions, each once', async () => {
    const records = await read({ count: 10, partitions: 3 })
    const indexes = [...records].map(([name, payloads]) => [name, payloads.map((payload) => (payload as number[])[0])])
    expect(Object.fromEntries(indexes)).toEqual({
      'generator/0': [0, 3, 6, 9],
      'generator/1': [1, 4, 7],
      'generator/2': [2, 5, 8],
    })
  })

  it('makes the same records from the same seed, and others from another', async () => {
    expect(await read({ seed: 1 })).toEqual(await read({ seed: 1 }))
    expect(await read({ seed: 1 })).not.toEqual(await read({ seed: 2 }))
  })

  it('ends at once when it shall make nothing', async () => {
    expect(await read({ count: 0, partitions: 2 })).toEqual(new Map())
  })

  it('makes records when they are due, and counts those that are as its lag', async () => {
    let now = start
    const source = reader({ count: null, perSecond: 10, partitions: 2 }, { now: () => now })
    await source.open(undefined)
    expect(source.bounded).toBe(false)
    await drain(source, new Map(), { count: 1 })
    expect(await source.poll(100)).toBeUndefined()
    expect(source.partitions().map(({ caughtUp, lag }) => [caughtUp, lag])).toEqual([
      [true, 0],
      [true, 0],
    ])
    now += 500
    expect(source.partitions().map(({ caughtUp, lag }) => [caughtUp, lag])).toEqual([
      [false, 2],
      [false, 3],
    ])
    const records = await drain(source, new Map(), { count: 5 })
    const times = [...records.values()].flat().map((payload) => (payload as number[])[3]! - start)
    expect(times.sort((a, b) => a - b)).toEqual([100, 200, 300, 400, 500])
  })

  it('wakes the engine when the next record is due', async () => {
    let now = start
    const options = { ...defaults, count: 2, perSecond: 20 }
    const context = sourceContext({ options, functions: { connector: { generate } }, clock: { now: () => now } })
    const source = new GeneratorSource(context)
    await source.open(undefined)
    await drain(source, new Map(), { count: 1 })
    expect(source.poll(1)).toBeUndefined()
    await until(() => context.heard.wakes.length > 0, { what: 'the source to wake the engine' })
    now += 50
    expect(source.poll(1)?.payloads).toHaveLength(1)
  })

  it('hands a throwing function to onError, and goes on behind the record', async () => {
    const functions = {
      connector: {
        generate: (index: number) => {
          if (index === 1) throw new Error('no')
          return index
        },
      },
    }
    const context = sourceContext({ options: { ...defaults, count: 3 }, functions, onError: 'skip' })
    const source = new GeneratorSource(context)
    await source.open(undefined)
    expect([...(await drain(source, new Map())).values()]).toEqual([[0, 2]])
    expect(context.heard.rejected).toEqual([new Error('no')])
  })

  it('refuses positions of another number of partitions', async () => {
    const source = reader({ partitions: 2 })
    await source.open(undefined)
    const positions = checkpointOf([source])
    const other = reader({ partitions: 3 })
    expect(() => other.open(positions)).toThrow(expect.objectContaining({ code: 'LF_SOURCE_POSITION' }))
  })
})

describe('random numbers of the generator', () => {
  it('lie in [0, 1) and spread evenly', () => {
    const buckets = new Array<number>(10).fill(0)
    for (let index = 0; index < 20_000; index++) {
      const random = randomOf(3, index)
      buckets[Math.floor(random() * 10)]!++
      buckets[Math.floor(random() * 10)]!++
    }
    for (const count of buckets) expect(Math.abs(count - 4_000)).toBeLessThan(400)
  })

  it('depend on seed and index alone, also beyond 32 bits', () => {
    const seed = fc.integer({ min: 0, max: 0xffff_ffff })
    const index = fc.nat(Number.MAX_SAFE_INTEGER)
    fc.assert(
      fc.property(seed, index, (seed, index) => {
        const [one, two] = [randomOf(seed, index), randomOf(seed, index)]
        expect([one(), one(), one()]).toEqual([two(), two(), two()])
      }),
    )
    expect(randomOf(1, 5)()).not.toBe(randomOf(1, 5 + 2 ** 32)())
  })
})

describeSourceContract('generator', async () => {
  const options = { count: 41, partitions: 4 }
  const expected = await read(options)
  return { create: (subtask) => reader(options, { now: () => start }, subtask), expected: () => expected, runs: 60 }
})
