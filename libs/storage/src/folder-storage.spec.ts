import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderStorage } from './folder-storage.ts'

const driver = new URL('./folder-storage.ts', import.meta.url).href
const node = [process.execPath, '--conditions=@lf/source'] as const

/** Runs what follows its first argument, a folder, where a file of that folder has little room. */
const limited = { what: 'a limit on a file', shell: ['sh', '-c', 'ulimit -f 16; shift; exec "$@"', 'sh'] }
const tiny = {
  what: 'a full disk',
  shell: ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"', 'sh'],
}
/** The limit can be made anywhere, the disk only where a file system may be mounted. */
const lacksOfRoom = mayMount() ? [limited, tiny] : [limited]

function mayMount(): boolean {
  const [command, ...args] = tiny.shell
  const folder = mkdtempSync(join(tmpdir(), 'lightflus-mount-'))
  try {
    return spawnSync(command!, [...args, folder, 'true']).status === 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('checkpoint storage in a folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lightflus-storage-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('never shows half a file, although its writer is killed in the middle of writing', async () => {
    // Goal: clause 1 of the contract, for replacing and for creating, against a real SIGKILL.
    const program = `
      const { folderStorage } = await import(${JSON.stringify(driver)})
      const storage = folderStorage(${JSON.stringify(folder)})
      for (let round = 1; ; round += 1) {
        const bytes = new Uint8Array(300_000).fill(round % 251)
        await storage.put('replaced', bytes)
        await storage.createIfAbsent('created/' + round, bytes)
        if (round === 3) console.log('under way')
      }`
    const child = spawn(node[0], [node[1], '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const storage = folderStorage(folder)
    const paths = await storage.list('')
    expect(paths).toContain('replaced')
    for (const path of paths) {
      const bytes = await storage.get(path)
      expect(bytes).toHaveLength(300_000)
      expect(bytes!.every((byte) => byte === bytes![0])).toBe(true)
    }
  })

  it('lets exactly one of several processes create a file', async () => {
    const program = `
      const { folderStorage } = await import(${JSON.stringify(driver)})
      const storage = folderStorage(${JSON.stringify(folder)})
      let won = 0
      for (let round = 0; round < 50; round += 1) if (await storage.createIfAbsent('log/' + round, new Uint8Array(10))) won += 1
      console.log(String(won))`
    const wins = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const child = spawn(node[0], [node[1], '--input-type=module', '--eval', program], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        const [output] = (await once(child.stdout, 'data')) as [Buffer]
        return Number(output.toString())
      }),
    )
    expect(wins.reduce((sum, each) => sum + each)).toBe(50)
    expect(await folderStorage(folder).list('log/')).toHaveLength(50)
  })

  it.each(lacksOfRoom)('says LF_STORAGE_FULL when there is no room, and leaves nothing behind: $what', ({ shell }) => {
    const program = `
      const { folderStorage } = await import(${JSON.stringify(driver)})
      const { readdir } = await import('node:fs/promises')
      const storage = folderStorage(${JSON.stringify(folder)})
      await storage.put('small', new Uint8Array(10))
      const failed = []
      for (const call of ['put', 'createIfAbsent'])
        failed.push(await storage[call]('large', new Uint8Array(1_000_000)).catch(({ code, message }) => ({ code, message })))
      await storage.put('small', new Uint8Array(20))
      const left = await readdir(${JSON.stringify(join(folder, '.under-way'))})
      console.log(JSON.stringify({ failed, list: await storage.list(''), left }))`
    const run = spawnSync(shell[0]!, [...shell.slice(1), folder, ...node, '--input-type=module', '--eval', program], {
      encoding: 'utf8',
    })
    const failed = { code: 'LF_STORAGE_FULL', message: expect.stringContaining(`Writing large to ${folder}`) }
    expect(JSON.parse(run.stdout)).toEqual({ failed: [failed, failed], list: ['small'], left: [] })
  })

  it('says LF_STORAGE_DENIED of a folder that it may not write', () => {
    // As root everything may be written: so the process becomes another user first.
    const program = `
      const { folderStorage } = await import(${JSON.stringify(driver)})
      const { chmodSync } = await import('node:fs')
      chmodSync(${JSON.stringify(folder)}, 0o500)
      if (process.geteuid() === 0) process.seteuid(65534)
      const thrown = await folderStorage(${JSON.stringify(folder)}).put('a', new Uint8Array(1)).catch((thrown) => thrown)
      console.log(JSON.stringify({ code: thrown.code, message: thrown.message }))`
    const run = spawnSync(node[0], [node[1], '--input-type=module', '--eval', program], { encoding: 'utf8' })
    expect(JSON.parse(run.stdout)).toEqual({
      code: 'LF_STORAGE_DENIED',
      message: expect.stringMatching(/^Writing a to .* failed: EACCES/),
    })
  })

  it('says which place failed and why when it cannot be written at all', async () => {
    await writeFile(join(folder, 'file'), 'not a folder')
    const storage = folderStorage(join(folder, 'file'))
    await expect(storage.put('a', new Uint8Array(1))).rejects.toMatchObject({
      code: 'LF_STORAGE_FAILED',
      message: expect.stringMatching(/^Writing a to .*file failed: E/),
    })
  })

  it('clears away what a process that is gone left under way, and nothing else', async () => {
    const underWay = join(folder, '.under-way')
    await mkdir(underWay)
    await writeFile(join(underWay, 'old'), '')
    await writeFile(join(underWay, 'fresh'), '')
    await utimes(join(underWay, 'old'), 0, 0)
    await folderStorage(folder).put('a', new Uint8Array(1))
    expect(await readdir(underWay)).toEqual(['fresh'])
  })
})
