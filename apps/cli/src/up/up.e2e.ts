import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder, until } from '@lightflus/testing/services'
import { place, PlatformUnderTest, repository, type Started } from './testing/platform-under-test.ts'

const minuteMs = 60_000
const command = join(repository, 'apps', 'cli', 'dist', 'main.js')
const isRoot = process.getuid?.() === 0
const run = promisify(execFile)

/** Whether every folder on the way to a file lets everybody pass: a repository under /root does not. */
function isOpenToAll(path: string): boolean {
  const parent = dirname(path)
  return (statSync(parent).mode & 0o001) !== 0 && (parent === path || isOpenToAll(parent))
}

/** Whether this machine lets root make small disks, which few containers do. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'lightflus-mount-'))
  const mounted = isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0
  if (mounted) spawnSync('umount', [folder])
  rmdirSync(folder)
  return mounted
}

describe('lightflus up', () => {
  let folder: TemporaryFolder
  const started: PlatformUnderTest[] = []
  const start = (options: Started) => {
    const platform = new PlatformUnderTest(options)
    started.push(platform)
    return platform
  }
  /** A start that is expected to fail: its exit code and what it said. */
  const refused = async (options: Started) => {
    const platform = start(options)
    const code = await platform.ended()
    return { code, said: platform.err, out: platform.out }
  }

  beforeEach(async () => {
    folder = temporaryFolder('up')
    await chmod(folder.path, 0o711)
  })
  afterEach(async () => {
    for (const platform of started.splice(0)) {
      await platform.stop()
      for (const { pid } of await platform.processes()) process.kill(pid, 'SIGKILL')
    }
    await folder.remove()
  }, minuteMs)

  it(
    'starts everything, runs the example, stops cleanly, and goes on from there at the next start',
    async () => {
      const options = await place(folder.path)
      const first = await start(options).announced()
      expect(first.err).toBe('')
      expect(first.out).toContain(first.url)
      expect(first.out.match(/^ {4}npx lightflus /gm)).toHaveLength(3)
      const page = await fetch(`${first.url}/`)
      expect(await page.text()).toContain('<div id="root">')
      const checkpoint = await first.running()
      const rows = await first.get<{ items: unknown[] }>('/api/v1/jobs/shop-live/rows')
      expect(rows.items.length).toBeGreaterThan(0)
      expect(await first.stop()).toBe(0)
      expect(await first.processes()).toEqual([])
      expect(await readdir(options.dataDir)).not.toContain('lock')

      const second = await start(options).announced()
      expect(second.account).toEqual(first.account)
      await second.running(checkpoint)
      const { items } = await second.get<{ items: { kind: string }[] }>('/api/v1/jobs/shop-live/events?limit=200')
      expect(items.filter(({ kind }) => kind === 'deploy')).toHaveLength(1)
      expect(await second.stop()).toBe(0)
      expect(await second.processes()).toEqual([])
    },
    4 * minuteMs,
  )

  it(
    'outlives its control plane, whose workers go on and are adopted',
    async () => {
      const platform = await start(await place(folder.path)).announced()
      const checkpoint = await platform.running()
      const worker = await platform.pidOf('worker/dist/main.js')
      process.kill((await platform.pidOf('control-plane/dist/main.js'))!, 'SIGKILL')
      await until(() => platform.err.includes('The control plane was ended by SIGKILL; starting it again.'), {
        what: 'the restart to be told',
      })
      await until(async () => (await fetch(`${platform.url}/readyz`)).ok, { what: 'the control plane to be back' })
      await platform.running(checkpoint)
      expect(await platform.pidOf('worker/dist/main.js')).toBe(worker)
    },
    3 * minuteMs,
  )

  it(
    'outlives its database',
    async () => {
      const platform = await start(await place(folder.path)).announced()
      const checkpoint = await platform.running()
      const [worker, postgres] = [await platform.pidOf('worker/dist/main.js'), await platform.pidOf('bin/postgres')]
      process.kill(postgres!, 'SIGKILL')
      await until(() => platform.err.includes('Postgres was ended by SIGKILL'), { what: 'the restart to be told' })
      await platform.running(checkpoint)
      expect(await platform.pidOf('worker/dist/main.js')).toBe(worker)
    },
    3 * minuteMs,
  )

  it(
    'leaves no database and no control plane behind when it is killed, and adopts its workers at the next start',
    async () => {
      const options = await place(folder.path)
      const first = await start(options).announced()
      const checkpoint = await first.running()
      const worker = await first.pidOf('worker/dist/main.js')
      await first.kill()
      const left = async () => (await first.processes()).map(({ pid }) => pid)
      await until(async () => (await left()).join() === String(worker), { what: 'only the worker to be left' })
      const second = await start(options).announced()
      await second.running(checkpoint)
      expect(await second.pidOf('worker/dist/main.js')).toBe(worker)
    },
    4 * minuteMs,
  )

  it(
    'does not start twice on one folder, nor on a port in use',
    async () => {
      const options = await place(folder.path)
      await start({ ...options, args: ['--no-demo'] }).announced()
      const { port } = await place(folder.path)
      const twice = await refused({ ...options, port })
      expect(twice).toMatchObject({ code: 1, out: '' })
      expect(twice.said).toMatch(/LF_UP_ALREADY_RUNNING/)
      expect(twice.said).toContain(`http://127.0.0.1:${options.port}`)

      const server = createServer().listen(port, '127.0.0.1')
      await once(server, 'listening')
      const busy = await refused({ port, dataDir: join(folder.path, 'other') })
      server.close()
      expect(busy).toMatchObject({ code: 1, out: '' })
      expect(busy.said).toContain(`Port ${port} of 127.0.0.1 is in use.`)
      expect(busy.said).toMatch(/--port \(LF_UP_PORT_IN_USE\)|--port\..*LF_UP_PORT_IN_USE/s)
    },
    2 * minuteMs,
  )

  it(
    'starts afresh only when that is confirmed',
    async () => {
      const options = await place(folder.path)
      const first = await start(options).announced()
      await first.running()
      await first.stop()
      const asked = await refused({ ...options, args: ['--reset'] })
      expect(asked).toMatchObject({ code: 1, said: expect.stringContaining('LF_UP_RESET_UNCONFIRMED') })
      const second = await start({ ...options, args: ['--reset', '--yes'] }).announced()
      expect(second.account.password).not.toBe(first.account.password)
      expect(await second.signIn(first.account)).toBeNull()
      await second.running()
    },
    4 * minuteMs,
  )

  it(
    'refuses a folder that is foreign, damaged or newer, and leaves it as it is',
    async () => {
      const options = await place(folder.path)
      await mkdir(options.dataDir)
      await writeFile(join(options.dataDir, 'thesis.odt'), 'irreplaceable')
      expect((await refused(options)).said).toMatch(/LF_UP_FOLDER_FOREIGN/)
      expect((await refused({ ...options, args: ['--reset', '--yes'] })).said).toMatch(/LF_UP_FOLDER_FOREIGN/)
      expect(await readFile(join(options.dataDir, 'thesis.odt'), 'utf8')).toBe('irreplaceable')

      const own = { ...options, dataDir: join(folder.path, 'own') }
      const platform = await start({ ...own, args: ['--no-demo'] }).announced()
      await platform.stop()
      const mark = join(own.dataDir, 'lightflus.json')
      const text = await readFile(mark, 'utf8')
      await writeFile(mark, JSON.stringify({ ...JSON.parse(text), format: 99, release: '9.0.0' }))
      expect((await refused(own)).said).toMatch(/Lightflus 9\.0\.0.*LF_UP_FOLDER_FOREIGN/s)
      await writeFile(mark, text)
      await writeFile(join(own.dataDir, 'postgres', 'global', 'pg_control'), 'garbage')
      expect((await refused(own)).said).toMatch(/LF_UP_FOLDER_DAMAGED/)
      const again = await start({ ...own, args: ['--no-demo', '--reset', '--yes'] }).announced()
      expect(again.out).toContain('Lightflus is running.')
    },
    3 * minuteMs,
  )

  it(
    'puts the data of an older release aside before it changes it',
    async () => {
      const options = { ...(await place(folder.path)), args: ['--no-demo'] }
      await (await start(options).announced()).stop()
      const mark = join(options.dataDir, 'lightflus.json')
      const text = JSON.parse(await readFile(mark, 'utf8')) as object
      await writeFile(mark, JSON.stringify({ ...text, release: '0.0.9', migration: '20200101000000_first' }))
      const platform = await start(options).announced()
      const [, backup] = /Backup\s+(\S+)/.exec(platform.out)!
      expect(backup).toMatch(/-0\.0\.9$/)
      expect((await readdir(backup!)).sort()).toEqual(expect.arrayContaining(['lightflus.json', 'postgres']))
    },
    2 * minuteMs,
  )

  it(
    'makes a new password for the demo',
    async () => {
      const options = await place(folder.path)
      const platform = await start(options).announced()
      const { stdout } = await run(process.execPath, [command, 'reset-password', '--data-dir', options.dataDir])
      const password = /: (\S+)\n$/.exec(stdout)![1]!
      expect(await platform.signIn()).toBeNull()
      expect(await platform.signIn({ ...platform.account, password })).not.toBeNull()
      await platform.stop()
      const late = run(process.execPath, [command, 'reset-password', '--data-dir', options.dataDir])
      await expect(late).rejects.toMatchObject({ stderr: expect.stringContaining('LF_UP_NOT_THERE') })
    },
    2 * minuteMs,
  )

  it(
    'begins without a demo, and makes a tenant when asked to',
    async () => {
      const options = await place(folder.path)
      const platform = await start({ ...options, args: ['--no-demo'] }).announced()
      expect(platform.out).not.toContain('Sign in')
      const create = (...given: string[]) =>
        run(process.execPath, [command, 'create-tenant', ...given, '--data-dir', options.dataDir])
      const email = 'ada@example.com'
      const { stdout } = await create('analysts', email)
      const [, password] = /password (\S+)\.\n$/.exec(stdout)!
      expect(await platform.signIn({ email, password: password! })).not.toBeNull()
      await expect(create('analysts', email)).rejects.toMatchObject({
        stderr: expect.stringContaining('LF_TENANT_EXISTS'),
      })
      await expect(create('No Name', email)).rejects.toMatchObject({ stderr: expect.stringContaining('LF_UP_OPTION') })
    },
    2 * minuteMs,
  )

  it(
    'ends in order when its terminal is closed',
    async () => {
      const platform = await start({ ...(await place(folder.path)), args: ['--no-demo'] }).announced()
      platform.hangUp()
      expect(await platform.ended()).toBe(0)
      expect(await platform.processes()).toEqual([])
    },
    2 * minuteMs,
  )

  it(
    'ends at once at the second Ctrl-C, also when a worker hangs',
    async () => {
      const platform = await start(await place(folder.path)).announced()
      await platform.running()
      process.kill((await platform.pidOf('worker/dist/main.js'))!, 'SIGSTOP')
      platform.interrupt()
      await until(() => platform.err.includes('Stopping'), { what: 'the first Ctrl-C to be taken' })
      platform.interrupt()
      expect(await platform.ended()).toBe(0)
      expect(await platform.processes()).toEqual([])
    },
    2 * minuteMs,
  )

  it(
    'says what keeps the control plane from starting',
    async () => {
      const options = { ...(await place(folder.path)), args: ['--no-demo'] }
      await (await start(options).announced()).stop()
      await writeFile(join(options.dataDir, 'encryption.key'), 'not a key')
      const platform = start(options)
      expect(await platform.ended()).toBe(3)
      expect(platform.err).toMatch(/encryption\.key does not hold a key.*LF_CONFIG_INVALID.*LF_UP_CONTROL_PLANE/s)
      expect(await platform.processes()).toEqual([])
    },
    2 * minuteMs,
  )

  const rootOnly = isRoot ? it : it.skip
  const asAnotherUser = isRoot && isOpenToAll(command) ? it : it.skip
  asAnotherUser(
    'runs as an ordinary user, without useradd in reach',
    async () => {
      const home = join(folder.path, 'home')
      await mkdir(home)
      await chmod(home, 0o777)
      const options = { ...(await place(home)), user: { uid: 65_534, gid: 65_534 }, environment: { PATH: '/bin' } }
      const platform = await start(options).announced()
      await platform.running()
      expect((await stat(join(options.dataDir, 'postgres'))).uid).toBe(65_534)
      expect(await platform.stop()).toBe(0)
      expect(await platform.processes()).toEqual([])
    },
    2 * minuteMs,
  )

  rootOnly('says as root which folder the database’s user cannot reach', async () => {
    const closed = join(folder.path, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const { said, code } = await refused(await place(closed))
    expect(code).toBe(1)
    expect(said).toMatch(/LF_UP_FOLDER_UNREACHABLE/)
  })

  const withMounts = canMount() ? it : it.skip
  withMounts(
    'runs as root from a repository that nobody else can reach',
    async () => {
      const closed = join(folder.path, 'closed')
      const hidden = join(closed, 'repository')
      await mkdir(closed, { mode: 0o700 })
      await mkdir(hidden)
      await run('mount', ['--bind', repository, hidden])
      try {
        const options = { ...(await place(folder.path)), repository: hidden }
        const platform = await start(options).announced()
        await platform.running()
        expect(await readdir(options.dataDir)).toContain('postgres-programs')
        expect(await platform.stop()).toBe(0)
      } finally {
        await run('umount', ['-l', hidden])
      }
    },
    2 * minuteMs,
  )

  withMounts(
    'says that the disk is full',
    async () => {
      const disk = join(folder.path, 'disk')
      await mkdir(disk)
      await run('mount', ['-t', 'tmpfs', '-o', 'size=30m,mode=711', 'tmpfs', disk])
      try {
        const { said, code } = await refused(await place(disk))
        expect(code).toBe(3)
        expect(said).toMatch(/LF_UP_DISK_FULL/)
      } finally {
        await run('umount', ['-l', disk])
      }
    },
    minuteMs,
  )

  it('says which folder cannot be written', async () => {
    await writeFile(join(folder.path, 'file'), '')
    const { said, code } = await refused(await place(join(folder.path, 'file')))
    expect(code).toBe(1)
    expect(said).toMatch(/LF_UP_FOLDER_UNWRITABLE/)
  })
})
