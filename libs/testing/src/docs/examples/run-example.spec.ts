import { examplesOf } from './find-examples.ts'
import { loadProgram } from './load-program.ts'
import { runExample } from './run-example.ts'

const program = `import { kafka, job, table, sum } from 'lightflus'
import { z } from 'zod'

const Order = z.object({ user: z.string(), amount: z.number() })
interface Total { readonly key: string, readonly total: number }

export default job('totals', (flow) => {
  flow
    .source(kafka.source({ connection: 'shop', topic: 'orders', value: Order }), { name: 'orders' })
    .filter((order) => {
      if (order.amount < 0) throw new Error('negative')
      return true
    })
    .keyBy((order) => order.user)
    .aggregate({ total: sum((order) => order.amount) })
    .sinkTo(table.sink<Total>(), { name: 'totals' })
})
`

const run = async (script: string, parallelism = 1) => runExample(await loadProgram(program), script, { parallelism })

test.each([1, 2])('what a page says is done and compared, with %i subtasks', async (parallelism) => {
  const { written, seen } = await run(
    `
    # orders come in
    in         {"user":"a","amount":3} @1000   # with an event time
    in:orders  {"user":"a","amount":4}
    payload    {"user":"b","amount":1}
    out        {"key":"a","total":3} @1000
    out:totals {"total":7,…}
    out        {"total":1,"key":"b"}
    now        5000
    wm         60000
    end
    `,
    parallelism,
  )
  expect(seen).toEqual(written)
  expect(seen).toHaveLength(9)
})

test('what came out otherwise stands in the place of what was expected', async () => {
  const { seen } = await run(`
    in  {"user":"a","amount":3} @5
    out {"key":"a","total":4}
    out {"key":"a","total":3}
    out:other {}
    in  {"user":"a","amount":1} @6
    in  {"user":"a","amount":-1}
    error LF_RECORD_INVALID
    `)
  expect(seen).toEqual([
    'in  {"user":"a","amount":3} @5',
    'out {"key":"a","total":3} @5',
    'out nothing',
    'out:other nothing: there is no sink of that name',
    'in  {"user":"a","amount":1} @6',
    'in  {"user":"a","amount":-1}',
    'error LF_USER_FUNCTION: Job totals, operator filter-1, record orders/0@2: negative',
    'out:totals {"key":"a","total":4} @6',
  ])
})

test('a sign, an event time or a field that differs is told', async () => {
  const { seen } = await run(`
    in  {"user":"a","amount":3} @5
    out -{"key":"a","total":3}
    in  {"user":"a","amount":0} @6
    out {"key":"a","total":3} @5
    in  {"user":"a","amount":0} @7
    out {"key":"a"}
    in  {"user":"a","amount":0} @8
    out {"key":"b",…}
    `)
  expect(seen.filter((line) => line.startsWith('out'))).toEqual([
    'out {"key":"a","total":3} @5',
    'out {"key":"a","total":3} @6',
    'out {"key":"a","total":3} @7',
    'out {"key":"a","total":3} @8',
  ])
})

test('an error that the page does not tell of is thrown', async () => {
  await expect(run('in {"user":"a","amount":-1}')).rejects.toMatchObject({ code: 'LF_USER_FUNCTION' })
  await expect(run('in {"user":"a","amount":-1}\nend')).rejects.toMatchObject({ code: 'LF_USER_FUNCTION' })
})

test('a line that says nothing is refused', async () => {
  await expect(run('input {}')).rejects.toThrow("An example has no line 'input {}'.")
  await expect(run('in {"a":1} 1000')).rejects.toThrow("behind the JSON stands '1000'")
  await expect(run('in {"a":')).rejects.toThrow('\'in {"a":\'')
  await expect(run('wm soon')).rejects.toThrow("'soon' is no number of milliseconds")
})

test('examples are programs with a text block directly behind', () => {
  const page = [
    '# Page',
    '```ts',
    `${program}\`\`\``,
    '',
    '```text',
    'in {}',
    '```',
    '```ts',
    'const a = 1',
    '```',
    '',
  ].join('\n')
  expect(examplesOf('page.md', page)).toEqual([{ place: 'page.md:2', page: 'page.md', program, script: 'in {}\n' }])
  expect(examplesOf('page.md', page.replace('\n\n```text', '\n\nprose\n\n```text'))).toEqual([])
})
