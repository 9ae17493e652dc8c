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
