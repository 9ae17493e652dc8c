import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { jest } from '@jest/globals'
import { until } from '@lightflus/testing/services'
import { ProgramFolder } from '../testing/programs.ts'

// Goal: files of a job that is killed again and again hold each row once, with no more than `run --state`.

jest.setTimeout(180_000)

const recordsTotal = 6_000
const program = `import { files, generator, job } from 'lightflus'
export default job('numbers', (flow) => {
  flow
    .source(generator.source({ generate: (index) => index, count: ${recordsTotal}, perSecond: 1_500, partitions: 3 }))
    .sinkTo(files.sink({ path: 'out/n.jsonl', folder: (n) => 'of=' + (n % 2) }))
})
`
const main = join(import.meta.dirname, '../../dist/main.js')

describe('run --state', () => {
  let folder: ProgramFolder
  beforeEach(async () => {
    folder = await ProgramFolder.make()
    await folder.write({ 'numbers.ts': program })
  })
  afterEach(() => folder.remove())

  const start = (slots: number) => {
    const args = ['run', 'numbers.ts', '--no-check', '--state', 'state', '--checkpoint-interval', '50ms']
    const child = spawn(process.execPath, [main, ...args, '--parallelism', String(slots)], {
      cwd: folder.path,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    return { child, said: text(child.stderr), ended: once(child, 'exit') as Promise<[number | null, string | null]> }
  }
  const parts = () => globSync('out/of=*/n-*.jsonl', { cwd: folder.path })
  const numbers = () =>
    parts().flatMap((name) =>
      readFileSync(join(folder.path, name), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => Number(line)),
    )

  it('writes each row to a file once, though its process is killed at any moment and goes on with other slots', async () => {
    for (const slots of [2, 3, 1, 2]) {
      const before = parts().length
      const more = 1 + Math.floor(Math.random() * 12)
      const { child, ended } = start(slots)
      await until(() => parts().length >= before + more || undefined, { what: `${more} more files` })
      child.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
    }
    const { said, ended } = start(2)
    expect([...(await ended), await said]).toEqual([0, null, expect.stringContaining('FINISHED')])
    expect(numbers().sort((a, b) => a - b)).toEqual(Array.from({ length: recordsTotal }, (_, n) => n))
    expect((await readdir(join(folder.path, 'out'))).sort()).toEqual(['of=0', 'of=1'])
  })
})
