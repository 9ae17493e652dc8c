import { ProgramFolder, parsedLines } from '../testing/programs.ts'

// Goal: versions of a program one after the other over the state that each of them left, as its author sees it.

const recordsTotal = 3_000
const kept = ['--no-check', '--state', 'state', '--checkpoint-interval', '1h', '--parallelism', '2']

let folder: ProgramFolder
beforeEach(async () => {
  folder = await ProgramFolder.make()
})
afterEach(() => folder.remove())

/** Runs a program, and presses Ctrl-C when rows are there: it ends with a savepoint. */
async function suspended(program: string) {
  const interruption = new AbortController()
  let out = ''
  const { err } = await folder.command(['run', program, ...kept, '-o', 'json'], {
    out: (text) => {
      out += text
      if (out.includes('"type":"row"')) interruption.abort()
    },
    interrupted: interruption.signal,
  })
  const last = parsedLines(out).at(-1)!
  expect({ err, state: last.state }).toEqual({ err: '', state: 'SUSPENDED' })
  return last
}

async function refused(...args: string[]) {
  const { code, err } = await folder.run([...args, ...kept])
  expect(code).not.toBe(0)
  return JSON.parse(err) as { code: string; message: string; nextStep: string }
}

describe('state of a process function', () => {
  const profiles = (state: string, first: string) => `import { generator, job, state, table } from 'lightflus'
export default job('profiles', (flow) => {
  flow
    .source(generator.source({ generate: (index) => index, count: ${recordsTotal}, perSecond: 1_500 }), { name: 'numbers' })
    .keyBy((n) => 'k' + (n % 3))
    .process(
      {
        state: { profile: ${state} },
        onRecord: (_n, { key, state: { profile } }) => {
          const before = profile.get() ?? ${first}
          profile.set({ ...before, visits: before.visits + 1 })
          return [{ key, ...before, visits: before.visits + 1 }]
        },
      },
      { name: 'per-user' },
    )
    .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'out' })
})
`
  const first = profiles('state.value<{ name: string; visits: number }>()', '{ name: key, visits: 0 }')
  const value = 'state.value<{ fullName: string; visits: number; city: string }>'
  const present = "{ fullName: key, visits: 0, city: 'Oslo' }"
  const migrate =
    "(former: { name: string; visits: number }) => ({ fullName: former.name, visits: former.visits, city: 'Rome' })"

  async function finished(...args: string[]) {
    const { code, lines, err } = await folder.run([...args, ...kept])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const last = new Map(lines.filter(({ type }) => type === 'row').map(({ key, row }) => [key, row]))
    return [...last.values()].toSorted((a, b) => a.key.localeCompare(b.key))
  }

  it('is looked at, refused with what to do, migrated, and gone back from with what it was', async () => {
    await folder.write({
      'one.ts': first,
      'two.ts': profiles(`${value}({ version: 2, migrate: ${migrate} })`, present),
      'unable.ts': profiles(`${value}({ version: 2 })`, present),
      'failing.ts': profiles(`${value}({ version: 2, migrate: (former: any) => former.address.city })`, present),
    })
    const { recordsIn } = await suspended('one.ts')
    const inspected = await folder.command(['state', 'inspect', 'state', '--operator', 'per-user', '-o', 'json'])
    const entries = parsedLines(inspected.out) as unknown as { key: string; value: { visits: number } }[]
    expect(entries.map(({ key }) => key).sort()).toEqual(['k0', 'k1', 'k2'])
    expect(entries.reduce((sum, { value: { visits } }) => sum + visits, 0)).toBe(recordsIn)

    const unable = await refused('unable.ts')
    expect(unable).toMatchObject({
      code: 'LF_RESTORE_MISMATCH',
      message: expect.stringContaining(
        'profile is of version 1, and of version 2 in the program, which has no migrate',
      ),
      nextStep: 'Give profile a migrate. Or drop what they remember: --drop-state per-user/profile.',
    })
    expect(await refused('failing.ts')).toMatchObject({
      code: 'LF_STATE_MIGRATION',
      message: expect.stringMatching(
        /operator per-user: the value of state profile of key "k[012]" cannot be migrated/,
      ),
    })

    const visits = recordsTotal / 3
    const migrated = await finished('two.ts')
    expect(migrated).toEqual(['k0', 'k1', 'k2'].map((key) => ({ key, fullName: key, visits, city: 'Rome' })))

    const back = await refused('one.ts')
    expect(back).toMatchObject({
      code: 'LF_RESTORE_MISMATCH',
      message: expect.stringContaining('profile is of version 2, and of version 1 in the program'),
      nextStep: expect.stringContaining('start from a checkpoint of the former version (--from)'),
    })
    const before = await finished('one.ts', '--from', '1')
    expect(before).toEqual(['k0', 'k1', 'k2'].map((key) => ({ key, name: key, visits })))
  })

  it('is dropped where that is said, and that state alone', async () => {
    await folder.write({ 'one.ts': first, 'unable.ts': profiles(`${value}({ version: 2 })`, present) })
    const { recordsIn } = await suspended('one.ts')
    const rows = await finished('unable.ts', '--drop-state', 'per-user/profile')
    expect(rows.reduce((sum, { visits }) => sum + visits, 0)).toBe(recordsTotal - recordsIn)
  })
})
