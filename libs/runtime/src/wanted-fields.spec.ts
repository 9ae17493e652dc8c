import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { Workbench } from './testing/workbench.ts'

interface Item {
  readonly at: number
  readonly user: string
  readonly price: number
  readonly note: string
  readonly inner: { readonly x: number; readonly y: string } | null
}

/** Streams that are keyed and then looked at in part, in depth, as they are, or not at all. */
const program = (folder: string): string => `
  import { count, files, job, json, sum, tumbling } from 'lightflus'
  const to = (name) => files.sink({ path: ${JSON.stringify(folder)} + '/' + name + '.jsonl' })
  export default job('test', (flow) => {
    const items = flow.source(
      files.source({ path: ${JSON.stringify(join(folder, 'items-*.jsonl'))}, format: 'jsonl', value: json(), eventTime: (item) => item.at }),
      { name: 'items' },
    )
    const byUser = items.keyBy((item) => item.user)
    byUser.window(tumbling(10), { name: 'counts' }).aggregate({ all: count() }).sinkTo(to('counts'))
    byUser.aggregate({ total: sum((item) => item.price) }, { name: 'totals' }).sinkTo(to('totals'))
    byUser.deduplicate({ name: 'users' }).map(() => 'one', { name: 'ones' }).sinkTo(to('ones'))
    items
      .keyBy((item) => item.price)
      .reduce((one, other) => ({ ...one, price: one.price + other.price }), { name: 'sums' })
      .map(({ price }) => ({ price }), { name: 'prices' })
      .sinkTo(to('prices'))
    items
      .keyBy((item) => item.at)
      .window(tumbling(10), { name: 'depths' })
      .aggregate({ far: sum((item) => (item.inner === null ? 0 : item.inner.x)) })
      .sinkTo(to('depths'))
  })`

const outputs = ['counts', 'totals', 'ones', 'prices', 'depths']

const item: fc.Arbitrary<Item> = fc.record({
  at: fc.nat(40),
  user: fc.constantFrom('a', 'be', 'ö'),
  price: fc.nat(5),
  note: fc.string(),
  inner: fc.option(fc.record({ x: fc.nat(3), y: fc.string() })),
})

async function rowsOf(parts: readonly (readonly Item[])[], parallelism: number): Promise<string[][]> {
  const run = await Workbench.open()
  try {
    for (const [index, items] of parts.entries())
      await writeFile(
        join(run.folder, `items-${index}.jsonl`),
        items.map((each) => `${JSON.stringify(each)}\n`).join(''),
      )
    const { handle } = run.start({ bundlePath: await run.bundle(program(run.folder)), parallelism })
    expect(await handle.done).toMatchObject({ state: 'FINISHED', attempt: 1, error: undefined })
    return await Promise.all(
      outputs.map(async (name) => (await run.rows(name)).map((row) => JSON.stringify(row)).sort()),
    )
  } finally {
    await run.close()
  }
}

it('gives the same from several slots, whatever is wanted of the records that go between them', async () => {
  await fc.assert(
    // One file, so that the order within a key is that of the file.
    fc.asyncProperty(
      fc.array(item, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 2, max: 3 }),
      async (items, slots) => {
        expect(await rowsOf([items], slots)).toEqual(await rowsOf([items], 1))
      },
    ),
    { numRuns: 3, endOnFailure: true },
  )
}, 120_000)
