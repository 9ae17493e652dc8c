import { ProgramFolder } from '../testing/programs.ts'

const program = `import { count, generator, job, table } from 'lightflus'
export default job('numbers', (flow) => {
  flow
    .source(generator.source({ count: 30, generate: (index) => index }), { name: 'numbers' })
    .keyBy((index) => index % 3)
    .aggregate({ count: count() }, { name: 'count' })
    .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'out' })
})
`

let folder: ProgramFolder
beforeEach(async () => {
  folder = await ProgramFolder.make()
  await folder.write({ 'numbers.ts': program })
})
afterEach(() => folder.remove())

test('what a run left is shown: its checkpoints, and the state of each operator', async () => {
  expect(await folder.command(['run', 'numbers.ts', '--state', 'kept', '--no-check'])).toMatchObject({ code: 0 })
  const shown = await folder.command(['state', 'inspect', 'kept'])
  expect(shown).toMatchObject({ code: 0, err: '' })
  expect(shown.out).toMatch(/kept, attempt 1\n/)
  expect(shown.out).toMatch(/^numbers +source +1 /m)
  const json = await folder.command(['state', 'inspect', 'kept', '-o', 'json'])
  const { checkpoints, inspected } = JSON.parse(json.out) as {
    checkpoints: { checkpoint: number }[]
    inspected: { checkpoint: number; operators: { operator: string }[] }
  }
  expect(inspected.checkpoint).toBe(checkpoints.at(-1)!.checkpoint)
  expect(inspected.operators.map(({ operator }) => operator)).toContain('numbers')
  const other = await folder.command(['state', 'inspect', 'kept', '--checkpoint', '99'])
  const nobody = await folder.command(['state', 'inspect', 'kept', '--operator', 'nobody'])
  expect(nobody.err).toContain('holds no state of an operator nobody; it does of count, numbers')
  const keyless = await folder.command(['state', 'inspect', 'kept', '--operator', 'numbers'])
  expect(keyless).toMatchObject({ code: 0, out: '', err: 'numbers keeps nothing of any key.\n' })
  const unmeant = await folder.command(['state', 'inspect', 'kept', '--key', 'a'])
  expect(unmeant.err).toContain('--key and --limit go with --operator.')
  expect(other.err).toContain(`kept are ${checkpoints.map(({ checkpoint }) => checkpoint).join(', ')}`)
})

test('a place without checkpoints, and one that cannot be, are told', async () => {
  expect((await folder.command(['state', 'inspect', 'nothing'])).err).toContain('No checkpoint lies in')
  expect((await folder.command(['state', 'inspect', 'gs://acme'])).err).toContain('LF_STORAGE_LOCATION')
})
