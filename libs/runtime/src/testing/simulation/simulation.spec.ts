import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { mutations, type Mutation } from './mutations.ts'

// Goal: whatever is stopped, lost, slow or repeated, and whoever wakes up after it was believed dead, a job's sinks show what
// its definition says of the input, once; and a simulation that could not see a bug of the protocol would be seen here.

const root = resolve(import.meta.dirname, '..', '..', '..', '..', '..')
const timeout = 300_000

/** A process of its own: the simulation replaces clock, timers and randomness. */
async function simulation(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly said: string }> {
  const main = join(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, ['-C', '@lf/source', main, '--jobs', '1', ...args], { cwd: root })
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, said }
}

test(
  'nothing is lost and nothing doubled, whatever happens',
  async () => {
    const { code, said } = await simulation('--seeds', '800', '--from', '1')
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('800 seeds from 1') as string })
    // All that can happen has happened.
    const all = ['kill', 'pause', 'supersede', 'killSlot', 'pauseSlot', 'pauseCoordinator', 'savepoint', 'damage']
    const workers = ['severalWorkers', 'killWorker', 'pauseWorker']
    for (const what of [
      ...all,
      ...workers,
      'afresh',
      'from',
      'nextVersion',
      'FINISHED',
      'SUSPENDED',
      'STOPPED',
      'DRAINED',
      'failed',
      'lost',
    ])
      expect(said).toContain(`${what} `)
  },
  timeout,
)

test(
  'a seed is played the same way again',
  async () => {
    const first = await simulation('--seed', '7', '--trace')
    expect(first).toEqual(await simulation('--seed', '7', '--trace'))
    expect(first.said).toContain('entry 1: claim by attempt 1')
  },
  timeout,
)

/** Where the search begins for what few seeds show; from anywhere else it only takes longer. */
const firstSeeds: Partial<Record<Mutation, number>> = {
  'no-fencing-in-target': 1_050,
  'old-attempt-heard': 640,
  'worker-twice': 970,
  'exchange-gap-ignored': 2_020,
  'workers-taken-back': 1_200,
  'fallback-past-commit': 540,
  'from-repeats-output': 1_650,
}

/** The first seed that shows it ends the search: the number is only where it is given up. */
test.each(mutations)(
  'finds the bug %s, and says how to see it again',
  async (mutation) => {
    const { code, said } = await simulation(
      '--mutation',
      mutation,
      '--seeds',
      '10000',
      '--from',
      `${firstSeeds[mutation] ?? 1}`,
    )
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining(' fails: ') as string })
    expect(said).toMatch(new RegExp(`Replay: npm run simulate -- --seed \\d+ --mutation ${mutation}\n`))
  },
  timeout,
)
