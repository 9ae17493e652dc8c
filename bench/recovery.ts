import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './measure.ts'

/**
 * `node bench/recovery.ts [rounds]`: how long no record comes out of `lightflus run --state` when an attempt fails and the same
 * process starts the next, and when the process is killed and started again at once. Each includes reading the state of a
 * hundred thousand keys back from a folder.
 */

const main = join(import.meta.dirname, '..', 'apps', 'cli', 'dist', 'main.js')
const rounds = Number(process.argv[2] ?? 5)
const keys = 100_000
/** The job has run for so long when it fails, or is killed. */
const healthyMs = 5_000
/** Records go on failing for so long: shorter than the pause before the next attempt. */
const failingMs = 100

const program = (failsAt: number): string => `import { count, files, generator, job, LightflusError } from 'lightflus'
export default job('recovery', (flow) => {
  flow
    .source(generator.source({ perSecond: 40_000, generate: (index) => index }), { name: 'numbers' })
    .map((index) => {
      const now = Date.now()
      if (now >= ${failsAt} && now < ${failsAt + failingMs}) throw new LightflusError('LF_CONNECTION_LOST', 'Gone for a moment.')
      return index
    }, { name: 'guard' })
    .keyBy((index) => index % ${keys})
    .aggregate({ count: count() }, { name: 'count' })
    .sinkTo(files.sink({ path: '-' }), { name: 'out' })
})
`

function start(folder: string, onOutput: () => void): ChildProcess {
  const args = [main, 'run', 'recovery.ts', '--no-check', '--state', 'state', '--checkpoint-interval', '1s']
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout!.on('data', onOutput)
  return child
}

/** The longest silence around the fault, milliseconds. @param isKilled else the attempt fails by itself */
async function silence(isKilled: boolean): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'lightflus-recovery-'))
  const faultAt = Date.now() + healthyMs
  await writeFile(join(folder, 'recovery.ts'), program(isKilled ? 0 : faultAt))
  let last = Infinity
  let longest = 0
  const { promise: flowsAgain, resolve } = Promise.withResolvers<void>()
  const seen = () => {
    const now = Date.now()
    if (last < faultAt + failingMs) longest = Math.max(longest, now - last)
    last = now
    if (now > faultAt + failingMs) resolve()
  }
  let child = start(folder, seen)
  if (isKilled) {
    setTimeout(() => {
      longest = 0
      last = Date.now()
      child.stdout!.removeListener('data', seen)
      child.kill('SIGKILL')
      child = start(folder, seen)
    }, healthyMs)
  } else setTimeout(() => (longest = 0), healthyMs - 10)
  await flowsAgain
  child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  return longest
}

for (const [what, isKilled] of [
  ['an attempt fails, the same process starts the next', false],
  ['the process is killed and started again', true],
] as const) {
  const found: number[] = []
  for (let round = 0; round < rounds; round++) found.push(await silence(isKilled))
  process.stdout.write(`${what}: ${median(found)} ms (${found.join(', ')})\n`)
}
