import { spawnSync } from 'node:child_process'
import { access, mkdir, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProgramFolder, parsedLines } from '../testing/programs.ts'

// Goal: a program runs here and now to its end, and whatever is wrong with it is named with its place and a next step.

const numbers = (
  chain: string,
  source = 'count: 1_000',
) => `import { count, generator, job, sum, table } from 'lightflus'
export default job('numbers', (flow) => {
  flow
    .source(generator.source({ generate: (index) => index, ${source} }), { name: 'numbers' })
    ${chain}
    .sinkTo(table.sink({ row: (row) => ({ row: String(row) }) }), { name: 'table' })
})
`
/** Rows come all the time, and totals with the end of input. */
const totals = `import { count, generator, job, sum, table } from 'lightflus'
export default job('totals', (flow) => {
  const numbers = flow.source(generator.source({ generate: (index) => index, count: 2_000, perSecond: 1_000 }))
  numbers.sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'seen' })
  numbers
    .keyBy((n) => n % 2)
    .aggregate({ count: count(), sum: sum((n) => n) }, { name: 'per-parity' })
    .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'table' })
})
`

let folder: ProgramFolder
beforeEach(async () => {
  folder = await ProgramFolder.make()
})
afterEach(() => folder.remove())

describe('a program that ends', () => {
  const wordCount = `import { count, files, job, table, text } from 'lightflus'
export default job('word-count', (flow) => {
  flow
    .source(files.source({ path: '${'LINES'}', format: 'text' }))
    .flatMap((line) => line.split(' '))
    .keyBy((word) => word)
    .aggregate({ count: count() }, { name: 'count' })
    .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'words' })
})
`
  it('gives its rows and totals to machines', async () => {
    await folder.write({
      'lines.txt': 'hello world\nhello hello world\nworld\n',
      'word-count.ts': wordCount.replace(', text }', ' }').replace('LINES', `${folder.path}/lines.txt`),
    })
    const { code, lines, err } = await folder.run(['word-count.ts', '--parallelism', '2'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const last = new Map(lines.filter(({ type }) => type === 'row').map(({ key, row }) => [key, row]))
    expect([...last.values()].toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
      { key: 'hello', count: 3 },
      { key: 'world', count: 3 },
    ])
    expect(lines.at(-1)).toMatchObject({
      type: 'summary',
      state: 'FINISHED',
      job: 'word-count',
      recordsIn: 3,
      recordsOut: 2,
      attempts: 1,
    })
  })

  it('gives its rows and a summary to people', async () => {
    await folder.write({ 'numbers.ts': numbers('.filter((n) => n >= 998)') })
    const { code, out, err } = await folder.command(['run', 'numbers.ts'])
    expect({ code, out }).toEqual({ code: 0, out: 'table\t{"row":"998"}\ntable\t{"row":"999"}\n' })
    expect(err).toMatch(/^Running numbers in 1 slot\.$/m)
    expect(err).toMatch(
      /^numbers: FINISHED, all input was read and every result is written\n {2}1,000 records in, 2 out, /m,
    )
  })

  it('is drawn on a terminal and leaves its last rows there', async () => {
    await folder.write({ 'numbers.ts': numbers(`.filter((n) => n >= 998).map((n) => '\\u001b[31m' + n)`) })
    const { out } = await folder.command(['run', 'numbers.ts'], {
      outIsTerminal: true,
      errIsTerminal: true,
      environment: { NO_COLOR: '1' },
    })
    expect(out.slice(out.lastIndexOf('table'))).toBe('table\nROW\n\\x1b[31m998\n\\x1b[31m999\n\n')
  })
})

it('takes away what a run that was killed has left, and leaves nothing itself', async () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  const leftOver = join(tmpdir(), `lightflus-run-${pid}-0123456789abcdef`)
  await mkdir(leftOver)
  await folder.write({ 'numbers.ts': numbers('.filter((n) => n >= 998)') })
  expect(await folder.run(['numbers.ts', '--no-check'])).toMatchObject({ code: 0 })
  await expect(access(leftOver)).rejects.toMatchObject({ code: 'ENOENT' })
  const own = (await readdir(tmpdir())).filter((name) => name.startsWith(`lightflus-run-${process.pid}-`))
  expect(own).toEqual([])
})

describe('states of functions on disk', () => {
  it('are what they are in memory, and leave nothing in their folder', async () => {
    const program = `import { generator, job, state, table } from 'lightflus'
export default job('visits', (flow) => {
  flow
    .source(generator.source({ generate: (index) => index, count: 3_000 }))
    .keyBy((n) => n % 1_500)
    .process({
      state: { seen: state.value<number>() },
      onRecord(_n, { key, state: { seen } }) {
        seen.set((seen.get() ?? 0) + 1)
        return [{ key, seen: seen.get() }]
      },
    })
    .sinkTo(table.sink({ key: ({ key }) => String(key) }), { name: 'table' })
})
`
    await folder.write({ 'visits.ts': program })
    const args = ['visits.ts', '--state-backend', 'disk', '--state-folder', 'on-disk']
    const { code, lines, err } = await folder.run(args)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const last = new Map(lines.filter(({ type }) => type === 'row').map(({ key, row }) => [key, row]))
    expect([...last.values()].filter(({ seen }) => seen !== 2)).toEqual([])
    expect(await readdir(join(folder.path, 'on-disk'))).toEqual([])
  })
})

describe('Ctrl-C', () => {
  /** Runs and presses Ctrl-C when so many rows are there. */
  async function interruptedRun(args: readonly string[], times: 1 | 2) {
    const [first, second] = [new AbortController(), new AbortController()]
    let out = ''
    const run = await folder.command(['run', ...args, '-o', 'json'], {
      out: (text) => {
        out += text
        if (!out.includes('"type":"row"')) return
        first.abort()
        if (times === 2) second.abort()
      },
      interrupted: first.signal,
      interruptedAgain: second.signal,
    })
    return { ...run, lines: parsedLines(out) }
  }

  it('reads no more, writes every result, and is a good end', async () => {
    await folder.write({ 'totals.ts': totals.replace('count: 2_000, ', '') })
    const { code, lines } = await interruptedRun(['totals.ts'], 1)
    const { state, recordsIn, recordsOut } = lines.at(-1)!
    expect({ code, state }).toEqual({ code: 0, state: 'DRAINED' })
    expect(recordsOut).toBe(2 * recordsIn)
  })

  it('twice ends at once', async () => {
    await folder.write({ 'totals.ts': totals.replace('count: 2_000, ', '') })
    const { code, lines } = await interruptedRun(['totals.ts'], 2)
    expect({ code, state: lines.at(-1)!.state }).toEqual({ code: 130, state: 'CANCELLED' })
  })

  it('with --state takes a savepoint, and the next run goes on from it to exact totals', async () => {
    await folder.write({ 'totals.ts': totals })
    const first = await interruptedRun(['totals.ts', '--state', 'state'], 1)
    expect(first.lines.at(-1)).toMatchObject({ state: 'SUSPENDED' })
    const second = await folder.run(['totals.ts', '--state', 'state'])
    expect(second.lines.at(-1)).toMatchObject({ state: 'FINISHED' })
    expect(first.lines.at(-1)!.recordsIn + second.lines.at(-1)!.recordsIn).toBe(2_000)
    const last = new Map(second.lines.filter(({ sink }) => sink === 'table').map(({ key, row }) => [key, row]))
    expect(Object.fromEntries(last)).toEqual({
      0: { key: 0, count: 1_000, sum: 999_000 },
      1: { key: 1, count: 1_000, sum: 1_000_000 },
    })
  })

  it('with --from starts from the savepoint of that number again, and tells which there are', async () => {
    await folder.write({ 'totals.ts': totals })
    const kept = ['totals.ts', '--no-check', '--state', 'state', '--checkpoint-interval', '1h']
    await interruptedRun(kept, 1)
    const second = await folder.run(kept)
    const again = await folder.run([...kept, '--from', '1'])
    expect(again.lines.at(-1)).toMatchObject({ state: 'FINISHED', recordsIn: second.lines.at(-1)!.recordsIn })
    expect(again.lines.at(-1)!.recordsIn).toBeLessThan(2_000)
    const refused = await folder.command(['run', ...kept, '--from', '99'])
    expect(refused.code).not.toBe(0)
    expect(refused.err).toMatch(/keeps no checkpoint or savepoint 99; it keeps .*savepoint 1\./)
    const unplaced = await folder.command(['run', 'totals.ts', '--from', '1'])
    expect(unplaced).toMatchObject({ code: 2, err: expect.stringContaining('--from needs --state') })
  })
})

describe('a mistake in the program', () => {
  it('of syntax: nothing runs', async () => {
    await folder.write({ 'numbers.ts': numbers('.filter((n) => n >= )') })
    const { code, out, err } = await folder.command(['run', 'numbers.ts'])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toBe(`numbers.ts:5:25 error Unexpected ")" (LF_PROGRAM_SYNTAX)
error numbers.ts has an error.
  Mend what is listed above; \`lightflus check numbers.ts\` checks again. (LF_PROGRAM_INVALID)
`)
  })

  const mistyped = numbers('.map((n) => n.toUpperCase())', 'perSecond: 1')

  it('of types ends the run that began meanwhile', async () => {
    await folder.write({
      'numbers.ts': mistyped
        .replace('n.toUpper', '(n as number & { toUpperCase?: 1 }).toUpper')
        .replace('Case()', 'Case?.()'),
    })
    const { code, lines } = await folder.run(['numbers.ts'])
    expect(code).toBe(1)
    expect(lines.filter(({ type }) => type === 'diagnostic')).toMatchObject([
      { code: 'LF_PROGRAM_TYPE', file: 'numbers.ts', line: 5 },
    ])
    expect(lines.at(-1)).toMatchObject({ type: 'summary', state: 'CANCELLED', error: { code: 'LF_PROGRAM_INVALID' } })
  })

  it('of types is found before anything runs with --check before, and not at all with --no-check', async () => {
    await folder.write({ 'numbers.ts': mistyped })
    const before = await folder.run(['numbers.ts', '--check', 'before'])
    expect(before).toMatchObject({ code: 1, lines: [{ type: 'diagnostic', code: 'LF_PROGRAM_TYPE', line: 5 }] })
    const never = await folder.run(['numbers.ts', '--no-check'])
    expect(never.lines.at(-1)).toMatchObject({ type: 'summary', state: 'FAILED', error: { code: 'LF_USER_FUNCTION' } })
  })

  it('in an option of an operator is named at its line', async () => {
    await folder.write({ 'numbers.ts': numbers(`.filter((n) => n > 1, { nmae: 'large' } as object)`) })
    const { code, lines } = await folder.run(['numbers.ts'])
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.objectContaining({
        code: 'LF_PROGRAM_OPTION',
        line: 5,
        message: "filter: unknown option 'nmae'; known are name, formerly, onError.",
      }),
    ])
  })

  it('such as a function that throws is named with record and line', async () => {
    await folder.write({
      'numbers.ts': numbers(`.map((n) => {\n  if (n === 7) throw new Error('seven')\n  return n })`),
    })
    const { code, lines, err } = await folder.run(['numbers.ts'])
    expect({ code, state: lines.at(-1)!.state }).toEqual({ code: 1, state: 'FAILED' })
    expect(JSON.parse(err)).toMatchObject({
      code: 'LF_USER_FUNCTION',
      details: { operator: 'map-1', file: 'numbers.ts', line: 6 },
    })
  })

  it('such as a function that never returns ends the run', async () => {
    await folder.write({ 'numbers.ts': numbers('.map((n): number => {\n  for (;;) n += 1\n})') })
    const { code, err } = await folder.run(['numbers.ts', '--slot-silence', '2s'])
    expect(code).toBe(1)
    expect(JSON.parse(err)).toMatchObject({ code: 'LF_SLOT_UNRESPONSIVE', details: { line: 6 } })
  })

  it('such as a function that allocates without end ends the run', async () => {
    await folder.write({ 'numbers.ts': numbers('.map((n) => { const all: object[] = []; for (;;) all.push({ n }) })') })
    const { code, err } = await folder.run(['numbers.ts', '--slot-memory', '64', '--no-check'])
    expect(code).toBe(1)
    expect(JSON.parse(err)).toMatchObject({ code: 'LF_SLOT_MEMORY' })
  })

  it('such as a path without a program', async () => {
    const { code, err } = await folder.command(['run', 'gone.ts'])
    expect(code).toBe(1)
    expect(err).toMatch(/^gone.ts error There is no such file. \(LF_PROGRAM_FILE\)$/m)
  })
})

describe('connections', () => {
  const program = `import { generator, job, redis } from 'lightflus'
export default job('cached', (flow) => {
  flow.source(generator.source({ generate: (n) => n, count: 1 })).sinkTo(redis.sink({ connection: 'my-cache', key: String, value: (n) => n }), { name: 'cache' })
})
`
  beforeEach(() => folder.write({ 'cached.ts': program }))

  it('that are missing are named, with how to give them', async () => {
    await folder.write({ 'lightflus.connections.yaml': 'other: redis://localhost\n' })
    const { code, err } = await folder.run(['cached.ts'])
    expect(code).toBe(1)
    expect(JSON.parse(err)).toMatchObject({
      code: 'LF_CONNECTION_MISSING',
      message: expect.stringMatching(
        /^Job cached uses connections that are not given: 'my-cache' \(redis, for cache\); .*lightflus.connections.yaml has other\.$/,
      ),
      nextStep: expect.stringContaining('LIGHTFLUS_CONNECTION_MY_CACHE=redis://localhost:6379'),
    })
  })

  it('of another kind are refused', async () => {
    const { code, err } = await folder.run(['cached.ts'], {
      environment: { LIGHTFLUS_CONNECTION_MY_CACHE: 'kafka://localhost:9092' },
    })
    expect(code).toBe(1)
    expect(JSON.parse(err)).toMatchObject({
      code: 'LF_CONNECTION_KIND',
      details: { connection: 'my-cache', operator: 'cache' },
    })
  })

  it('that are malformed are named without what they hold', async () => {
    const { code, err } = await folder.run(['cached.ts'], {
      environment: { LIGHTFLUS_CONNECTION_MY_CACHE: '{"kind": "redis", "options": {"password": "secret-word"}}' },
    })
    expect({ code, error: JSON.parse(err).code }).toEqual({ code: 1, error: 'LF_CLI_FILE' })
    expect(err).toContain('options.host')
    expect(err).not.toContain('secret-word')
  })
})
