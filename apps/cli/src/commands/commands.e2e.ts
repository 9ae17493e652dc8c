import { spawn } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, temporaryFolder, until } from '@lightflus/testing/services'
import { TestPlatform } from '../testing/platform.ts'

// Goal: every command that speaks to a platform does on a real one what its help says, for people and for machines.

const main = join(import.meta.dirname, '..', '..', 'dist', 'main.js')
const ticking = (name: string) => `import { count, generator, job, table } from 'lightflus'
const name = '${name}'
export default job(name, (flow) => {
  flow
    .source(generator.source({ generate: (index) => index, perSecond: 100 }), { name: 'numbers' })
    .map((n) => { if (n % 50 === 0) console.log('seen', n); return n })
    .keyBy((n) => n % 3)
    .aggregate({ count: count() }, { name: 'count' })
    .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'counts' })
})
`

describe('the commands, on a platform', () => {
  const folder = temporaryFolder('commands')
  let platform: TestPlatform
  const write = async (file: string, text: string) => {
    await writeFile(join(folder.path, file), text)
    return file
  }

  beforeAll(async () => {
    // Where the tests run as root, Postgres runs as another user, who must get to its data.
    await chmod(folder.path, 0o711)
    platform = new TestPlatform(folder.path, await freePort())
    await platform.start()
    await platform.signIn()
  })
  afterAll(async () => {
    await platform?.stop()
    await folder.remove()
  })

  /** Follows a command until its output holds what is looked for, then presses Ctrl-C. */
  async function followed(args: readonly string[], wanted: string): Promise<number | null> {
    const environment = { PATH: process.env.PATH, HOME: folder.path, XDG_CONFIG_HOME: folder.path, NO_COLOR: '1' }
    const child = spawn(process.execPath, [main, ...args], { cwd: folder.path, env: environment })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    const code = new Promise<number | null>((resolve) => child.once('close', resolve))
    try {
      await until(() => out.includes(wanted), { what: `${wanted} from ${args.join(' ')}` })
    } finally {
      child.kill('SIGINT')
    }
    return code
  }

  it('apply makes a version, deploys it and waits; applying the same again changes nothing', async () => {
    const file = await write('ticking.ts', ticking('ticking'))
    const first = await platform.run(['apply', '-f', file])
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^ticking: RUNNING/) })
    expect(first.err).toContain('version 1 made')
    expect(first.err).toContain('Next: lightflus rows ticking -f')
    expect((await platform.run(['apply', '-f', file])).err).toContain('version 1 is this program already')
    expect(await platform.json(['get', 'versions', 'ticking'])).toHaveLength(1)
  })

  it('apply of a program with errors lists all of them and makes nothing', async () => {
    const text = `${ticking('wrong')}\nimport 'node:fs'\nconst a: string = 1; a`
    // The name as a literal is found without building the graph here: then it is the platform that checks.
    for (const program of [text, text.replace('job(name', "job('wrong'")]) {
      const { code, err } = await platform.run(['apply', '-f', await write('wrong.ts', program)])
      expect(code).toBe(1)
      expect(err).toContain("wrong.ts:12:8: 'node:fs' is a module of Node")
      expect(err).toContain("wrong.ts:13:7: Type 'number' is not assignable to type 'string'. (LF_PROGRAM_TYPE)")
    }
    expect((await platform.run(['get', 'job', 'wrong'])).err).toContain('LF_JOB_NOT_FOUND')
  })

  it('apply of a job file takes its deployment; a connection that is missing is named', async () => {
    await write('paired.ts', ticking('paired'))
    const file = await write('paired.yaml', 'program: paired.ts\ndeployment:\n  parallelism: 2\n')
    await platform.command(['apply', '-f', file])
    const deployments = await platform.json<{ job: string; spec: { parallelism: number } }[]>(['get', 'deployments'])
    expect(deployments.find(({ job }) => job === 'paired')?.spec.parallelism).toBe(2)
    await platform.command(['cancel', 'paired'])
    const piped = await write(
      'piped.ts',
      ticking('piped')
        .replace('table }', 'redis, table }')
        .replace(
          'table.sink({ key: ({ key }) => key })',
          `redis.sink({ connection: 'nowhere', key: String, value: () => 1 })`,
        ),
    )
    const { code, err } = await platform.run(['apply', '-f', piped])
    expect({ code, missing: err.includes('LF_CONNECTION_MISSING'), named: err.includes("'nowhere'") }).toEqual({
      code: 1,
      missing: true,
      named: true,
    })
  })

  it('get and describe show it, as tables and as JSON', async () => {
    expect(await platform.command(['get', 'jobs'])).toMatch(/^ticking +RUNNING +1 /m)
    expect(await platform.json(['get', 'job', 'ticking'])).toMatchObject({ name: 'ticking', latestVersion: 1 })
    expect(await platform.json(['get', 'events', 'ticking'])).toEqual(
      expect.arrayContaining([expect.objectContaining({ to: 'RUNNING' })]),
    )
    expect(await platform.json(['get', 'connections'])).toEqual([])
    const described = await platform.command(['describe', 'job', 'ticking'])
    expect(described).toMatch(/^state: +RUNNING: The job is processing records\.$/m)
    expect(described).toMatch(/^checkpoints: +\d+ made, 0 failed$/m)
    expect(described).toMatch(/^count +aggregate +– +– +[\d,]+ +[\d,]+ +[1-9]\d* +[\d.]+ k?B$/m)
    const nothing = await platform.run(['get', 'weather'])
    expect(nothing).toMatchObject({ code: 2, out: '' })
  })

  it('logs and rows follow what happens until Ctrl-C', async () => {
    expect(await followed(['logs', 'ticking', '-f'], 'seen 100')).toBe(130)
    expect(await followed(['rows', 'ticking', '-f'], 'counts')).toBe(130)
    expect(await platform.json(['rows', 'ticking'])).toEqual(
      expect.arrayContaining([expect.objectContaining({ sink: 'counts' })]),
    )
  })

  it('savepoint takes one while the job goes on; it stands among the checkpoints', async () => {
    const savepoint = await platform.json<{ checkpoint: number }>(['savepoint', 'ticking'])
    expect(savepoint).toMatchObject({ kind: 'savepoint' })
    expect(await platform.json(['get', 'checkpoints', 'ticking'])).toEqual(
      expect.arrayContaining([expect.objectContaining({ checkpoint: savepoint.checkpoint, kind: 'savepoint' })]),
    )
    expect(await platform.command(['get', 'checkpoints', 'ticking'])).toMatch(/^\d+ +savepoint /m)
    expect(await platform.command(['get', 'jobs'])).toMatch(/^ticking +RUNNING /m)
  })

  it('suspend, resume, drain wait for what they ask for; what cannot be is refused', async () => {
    expect(await platform.command(['suspend', 'ticking'])).toMatch(/^ticking: SUSPENDED/)
    expect(await platform.command(['resume', 'ticking'])).toMatch(/^ticking: RUNNING/)
    const early = await platform.run(['delete', 'ticking'])
    expect(early.code).toBe(1)
    expect(early.err).toContain('LF_JOB_NOT_ENDED')
    expect(await platform.command(['drain', 'ticking'])).toMatch(/^ticking: STOPPED/)
    expect((await platform.run(['resume', 'ticking'])).err).toContain('LF_JOB_STATE')
    expect(await platform.command(['deploy', 'ticking', '--no-restore', '--parallelism', '2'])).toMatch(
      /^ticking: RUNNING/,
    )
    expect(await platform.command(['stop', 'ticking'])).toMatch(/^ticking: STOPPED/)
    expect(await platform.command(['delete', 'ticking'])).toBe('Job ticking is deleted.\n')
  })

  it('waiting has a deadline, and says what it waited for', async () => {
    const file = await write('slow.ts', ticking('slow'))
    const { code, err } = await platform.run(['apply', '-f', file, '--timeout', '1ms'])
    expect({ code, told: err.includes('LF_CLI_TIMEOUT') }).toEqual({ code: 3, told: true })
    expect(err).toMatch(/^slow: (PENDING|STARTING)/m)
    await platform.command(['cancel', 'slow'])
  })

  it('usage is metered, by job and hour', async () => {
    const { hours, total } = await platform.json<{ hours: { job: string }[]; total: { slotSeconds: number } }>([
      'usage',
    ])
    expect(hours.map(({ job }) => job)).toContain('ticking')
    expect(total.slotSeconds).toBeGreaterThan(0)
    expect(await platform.command(['get', 'usage'])).toMatch(/^total +/m)
  })

  it('an API key is shown once, works without a context, and no longer when it is deleted', async () => {
    const created = await platform.json<{ id: string; key: string }>(['api-keys', 'create', 'ci', '--role', 'viewer'])
    expect(await platform.command(['get', 'api-keys'])).not.toContain(created.key)
    expect(
      await platform.command(['login', platform.url, '--api-key-stdin', '--name', 'viewer'], created.key),
    ).toContain('by API key')
    expect(await platform.json(['whoami'])).toMatchObject({ kind: 'api-key', role: 'viewer' })
    const forbidden = await platform.run(['api-keys', 'list'])
    expect({ code: forbidden.code, told: forbidden.err.includes('LF_FORBIDDEN') }).toEqual({ code: 1, told: true })
    const [other] = (await platform.json<{ name: string; current: boolean }[]>(['context', 'list'])).filter(
      ({ current }) => !current,
    )
    await platform.command(['context', 'use', other!.name])
    await platform.command(['api-keys', 'delete', created.id])
    expect((await platform.run(['whoami', '--context', 'viewer'])).err).toContain('LF_UNAUTHENTICATED')
    await platform.command(['context', 'delete', 'viewer'])
  })

  it('a wrong password is refused, and signing out forgets the session', async () => {
    const wrong = await platform.run(
      ['login', platform.url, '--email', 'demo@example.com', '--password-stdin'],
      'wrong',
    )
    expect({ code: wrong.code, told: wrong.err.includes('LF_CREDENTIALS_WRONG') }).toEqual({ code: 1, told: true })
    await platform.command(['logout'])
    expect((await platform.run(['whoami'])).err).toContain('LF_CLI_NO_CONTEXT')
    await platform.signIn()
  })
})
