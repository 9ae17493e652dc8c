import { ProgramFolder } from '../testing/programs.ts'

const program = `import { generator, job, table } from 'lightflus'
export default job('parity', (flow) => {
  flow
    .source(generator.source({ generate: (index) => index }), { name: 'numbers' })
    .keyBy((n) => n % 2)
    .reduce((a, b) => a + b, { name: 'sums' })
    .sinkTo(table.sink(), { name: 'out' })
})
`

let folder: ProgramFolder
beforeEach(async () => {
  folder = await ProgramFolder.make()
  await folder.write({ 'parity.ts': program })
})
afterEach(() => folder.remove())

test('a graph is shown with two subtasks a chain, or as many as asked for', async () => {
  const plain = await folder.command(['graph', 'parity.ts'])
  expect(plain).toMatchObject({ code: 0, err: '' })
  expect(plain.out).toMatch(/^parity 2 chains, each with 2 subtasks\n/)
  expect(plain.out).toContain('⇒ by key sums')
  const one = await folder.command(['graph', 'parity.ts', '-p', '1'])
  expect(one.out).toMatch(/^parity 1 chain, each with one subtask\n/)
})

test('machines read it as JSON, Markdown draws it', async () => {
  const json = await folder.command(['graph', 'parity.ts', '-o', 'json', '--parallelism', '3'])
  expect(JSON.parse(json.out)).toMatchObject({
    formatVersion: 1,
    job: 'parity',
    plan: { parallelism: 3, chains: [{ id: 'numbers' }, { id: 'sums' }] },
  })
  const mermaid = await folder.command(['graph', 'parity.ts', '-o', 'mermaid'])
  expect(mermaid.out).toMatch(/^flowchart LR\n/)
})

test.each([
  ['0', 'LF_CLI_USAGE'],
  ['129', 'LF_DEPLOYMENT_OPTION'],
])('a parallelism of %s is refused', async (parallelism, code) => {
  const { code: exit, err } = await folder.command(['graph', 'parity.ts', '-p', parallelism])
  expect(exit).not.toBe(0)
  expect(err).toContain(code)
})

test('what is decoded of a record is shown, and what keeps one from being decoded in part', async () => {
  const orders = `import { job, json, kafka, table } from 'lightflus'
console.log('built')
type Order = { id: string; at: string; lines: string[] }
const source = (topic: string) => kafka.source({ connection: 'shop', topic, value: json<Order>() })
export default job('orders', (flow) => {
  flow.source(source('new'), { name: 'new' }).sinkTo(table.sink({ row: ({ id, at }) => ({ id, at }) }), { name: 'rows' })
  flow.source(source('old'), { name: 'old' }).sinkTo(table.sink({ row: (order) => ({ ...order }) }), { name: 'all' })
})
`
  await folder.write({ 'orders.ts': orders })
  const { out, err } = await folder.command(['graph', 'orders.ts'])
  expect(out).toContain(`decoded of each record
  new at, id
  old all of it
    all of it, for all: order: spread
`)
  expect(err).toBe('')
  const json = await folder.command(['graph', 'orders.ts', '-o', 'json'])
  expect(JSON.parse(json.out)).toMatchObject({
    decoded: [
      { source: 'new', fields: ['at', 'id'], wholes: [] },
      { source: 'old', fields: null, wholes: [{ path: '', operator: 'all', reason: 'order: spread' }] },
    ],
  })
})

test('a program that builds its graph in the sandbox and nowhere else is shown without it', async () => {
  const elsewhere = program.replace(
    'export default',
    "if (typeof process !== 'undefined') for (;;) process.exit(3)\nexport default",
  )
  await folder.write({ 'elsewhere.ts': elsewhere })
  const { code, out } = await folder.command(['graph', 'elsewhere.ts'])
  expect(code).toBe(0)
  expect(out).toContain('⇒ by key sums')
  expect(out).not.toContain('decoded')
})

test('the code that is generated is shown, with the operators that it stands for', async () => {
  const { code, out } = await folder.command(['graph', 'parity.ts', '--source'])
  expect(code).toBe(0)
  expect(out).toContain('// job parity, chain numbers\n')
  expect(out).toContain('// keyBy keyBy-1\n')
  expect(out).toContain('keyBy0_keyBy_1(record)\n')
  expect(() => new Function('$', out.slice(out.lastIndexOf('// job')))).not.toThrow()
})
