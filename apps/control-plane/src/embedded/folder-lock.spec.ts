import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '@lightflus/testing/services'
import { identifyProcess } from '../provisioner/process/process-identity.ts'
import { lockFolder, readLock } from './folder-lock.ts'

const address = 'http://127.0.0.1:4400'

describe('the lock of a data folder', () => {
  let folder: TemporaryFolder
  const put = (text: string) => writeFile(join(folder.path, 'lock'), text)

  beforeEach(() => {
    folder = temporaryFolder('lock')
  })
  afterEach(() => folder.remove())

  it('is held once, tells where the platform answers, and can be given back', async () => {
    const unlock = await lockFolder(folder.path, address)
    expect(await readLock(folder.path)).toMatchObject({ pid: process.pid, address })
    await expect(lockFolder(folder.path, address)).rejects.toMatchObject({
      code: 'LF_UP_ALREADY_RUNNING',
      message: expect.stringMatching(new RegExp(`process ${process.pid}, ${address}`)),
    })
    await unlock()
    expect(await readdir(folder.path)).toEqual([])
    expect(await readLock(folder.path)).toBeNull()
    await (
      await lockFolder(folder.path, address)
    )()
  })

  it('is taken over from a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    await once(child, 'spawn')
    await put(JSON.stringify({ ...(await identifyProcess(child.pid!)), address }))
    await expect(lockFolder(folder.path, address)).rejects.toMatchObject({ code: 'LF_UP_ALREADY_RUNNING' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const unlock = await lockFolder(folder.path, address)
    expect(await readdir(folder.path)).toEqual(['lock'])
    await unlock()
  })

  it('is taken over when another process has the id by now', async () => {
    await put(JSON.stringify({ pid: process.pid, start: 'an earlier life', address }))
    const unlock = await lockFolder(folder.path, address)
    expect(JSON.parse(await readFile(join(folder.path, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    await unlock()
  })

  it.each(['', '{', '{"pid":1}'])('is taken over when it reads %j', async (text) => {
    await put(text)
    await (
      await lockFolder(folder.path, address)
    )()
  })

  it('goes to one of many that come upon a stale one at once', async () => {
    await put('')
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder.path, address)))
    const won = tries.filter((each) => each.status === 'fulfilled')
    expect(won).toHaveLength(1)
    for (const each of tries)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'LF_UP_ALREADY_RUNNING' })
    await won[0]!.value()
    expect(await readdir(folder.path)).toEqual([])
  })
})
