import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '@lightflus/testing/services'
import { emptyDataFolder, folderFormat, openDataFolder, prepareFolder } from './data-folder.ts'

const release = { version: '0.2.0', migration: '20270101000000_b' }
const older = { version: '0.1.0', migration: '20261123000000_a' }

describe('the data folder', () => {
  let temporary: TemporaryFolder
  let path: string
  const open = async (as = release) => {
    await prepareFolder(path)
    return openDataFolder(path, as)
  }
  const mark = async (change: Record<string, unknown>) => {
    const file = join(path, 'lightflus.json')
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }))
  }

  beforeEach(() => {
    temporary = temporaryFolder('data')
    path = join(temporary.path, 'some', 'where')
  })
  afterEach(() => temporary.remove())

  it('is made where there is none, with its secrets closed to others', async () => {
    const folder = await open()
    expect(folder.backup).toBeNull()
    expect(folder.databasePassword).toMatch(/^[\w-]{32}$/)
    expect((await stat(join(path, 'lightflus.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(folder.logs)).mode & 0o777).toBe(0o700)
    expect((await stat(path)).mode & 0o066).toBe(0)
  })

  it('keeps its password from start to start', async () => {
    const first = await open()
    const second = await open()
    expect(second).toEqual(first)
  })

  it('may be an empty folder or the root of a disk', async () => {
    await mkdir(join(path, 'lost+found'), { recursive: true })
    await expect(open()).resolves.toBeDefined()
  })

  it('is never a folder that holds something else', async () => {
    await mkdir(join(path, 'logs'), { recursive: true })
    await writeFile(join(path, 'thesis.odt'), 'irreplaceable')
    await expect(open()).rejects.toMatchObject({
      code: 'LF_UP_FOLDER_FOREIGN',
      message: expect.stringContaining('logs, thesis.odt'),
    })
    expect(await readdir(path)).toEqual(['logs', 'thesis.odt'])
  })

  it('is refused when a newer release made it, by format or by migration', async () => {
    await open()
    await mark({ format: folderFormat + 1, release: '0.9.0' })
    await expect(open()).rejects.toMatchObject({
      code: 'LF_UP_FOLDER_FOREIGN',
      message: expect.stringContaining('0.9.0'),
    })
    await mark({ format: folderFormat, release: '0.9.0', migration: '20280101000000_z' })
    await expect(open()).rejects.toMatchObject({ code: 'LF_UP_FOLDER_FOREIGN', message: expect.stringContaining('_z') })
  })

  it.each(['', '{', '[]', '{"format":1}', '{"format":"1"}'])(
    'is called damaged when its mark reads %j',
    async (text) => {
      await open()
      await writeFile(join(path, 'lightflus.json'), text)
      await expect(open()).rejects.toMatchObject({ code: 'LF_UP_FOLDER_DAMAGED' })
    },
  )

  it('of an older release is copied before it is changed, and the newest backups are kept', async () => {
    const before = await open(older)
    await mkdir(before.postgres)
    await writeFile(join(before.postgres, 'PG_VERSION'), '18\n')
    await writeFile(join(path, 'encryption.key'), 'key')
    await mkdir(join(path, 'checkpoints'))
    const { backup } = await open()
    expect(backup).toMatch(/backups\/.*-0\.1\.0$/)
    expect((await readdir(backup!)).sort()).toEqual(['encryption.key', 'lightflus.json', 'postgres'])
    expect(await readFile(join(backup!, 'postgres', 'PG_VERSION'), 'utf8')).toBe('18\n')
    expect((await stat(join(path, 'backups'))).mode & 0o077).toBe(0)
    expect((await open()).backup).toBeNull()
    for (const migration of ['20270102000000_c', '20270103000000_d']) await open({ version: '0.3.0', migration })
    const left = await readdir(join(path, 'backups'))
    expect(left).toHaveLength(2)
    expect(left.every((name) => !name.endsWith('-0.1.0'))).toBe(true)
  })

  it('is emptied of what is its own, and of nothing else', async () => {
    const { postgres } = await open()
    await mkdir(postgres)
    await writeFile(join(path, 'lock'), '{}')
    await writeFile(join(path, 'note.txt'), 'of the user')
    await emptyDataFolder(path)
    expect((await readdir(path)).sort()).toEqual(['lock', 'note.txt'])
  })

  it('says so when it cannot be made', async () => {
    await writeFile(join(temporary.path, 'some'), 'a file in the way')
    await expect(open()).rejects.toMatchObject({
      code: 'LF_UP_FOLDER_UNWRITABLE',
      message: expect.stringContaining(path),
    })
  })

  const asUser = process.getuid?.() === 0 ? it.skip : it
  asUser('says so when it may not be written', async () => {
    await open()
    await chmod(path, 0o500)
    await expect(open(older)).rejects.toMatchObject({ code: 'LF_UP_FOLDER_UNWRITABLE' })
    await chmod(path, 0o700)
  })
})
