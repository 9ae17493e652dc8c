import { appendFile, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '@lightflus/testing/services'
import { boundLog, logSize, logTail, openLog } from './bounded-log.ts'

describe('a bounded log', () => {
  it('is set aside past its bound while it stays open, and goes on from its beginning', async () => {
    await using folder = temporaryFolder('log')
    const path = join(folder.path, 'output.log')
    const log = await openLog(path)
    const { writeSync } = await import('node:fs')
    writeSync(log.fd, 'a'.repeat(100))
    await boundLog(path, 100)
    expect((await stat(path)).size).toBe(100)
    writeSync(log.fd, 'b')
    await boundLog(path, 100)
    writeSync(log.fd, 'c')
    await log.close()
    expect(await readFile(path, 'utf8')).toBe('c')
    expect(await readFile(`${path}.1`, 'utf8')).toBe(`${'a'.repeat(100)}b`)
    expect((await stat(path)).mode & 0o077).toBe(0)
  })

  it('tells its last lines since a moment', async () => {
    await using folder = temporaryFolder('log')
    const path = join(folder.path, 'output.log')
    expect(await logTail(path, 3, 0)).toBe('')
    await appendFile(path, 'old 1\nold 2\n')
    const since = await logSize(path)
    expect(await logTail(path, 3, since)).toBe('')
    await appendFile(path, Array.from({ length: 9 }, (_, n) => `new ${n}\n`).join(''))
    expect(await logTail(path, 3, since)).toBe('new 6\nnew 7\nnew 8')
    expect(await logTail(path, 99, since)).not.toContain('old')
    expect(await logTail(path, 1, 1_000_000)).toBe('new 8')
  })

  it('that is not there is left so', async () => {
    await using folder = temporaryFolder('log')
    await expect(boundLog(join(folder.path, 'none'))).resolves.toBeUndefined()
  })
})
