import { wallClock } from './sealed-process.ts'
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { mutations, type Mutation } from './mutations.ts'
import { simulate } from './simulate.ts'

/**
 * `npm run simulate -- [--seed N | --seeds COUNT --from N] [--mutation NAME] [--jobs PROCESSES] [--minutes M] [--trace]`. Ends
 * with exit code 1, and the line that replays it, at the first seed that fails.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    every: { type: 'string', default: '1' },
    mutation: { type: 'string' },
    trace: { type: 'boolean', default: false },
    jobs: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
  },
})

interface Progress {
  readonly seeds: number
  readonly steps: number
  readonly attempts: number
  readonly met: Readonly<Record<string, number>>
  readonly failed?: { readonly seed: number; readonly message: string }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const progressMs = 5_000
const mutation = values.mutation as Mutation | undefined
if (mutation && !mutations.includes(mutation)) throw new Error(`Mutations are ${mutations.join(', ')}.`)
const began = wallClock()
const [from, seeds, every] = [Number(values.from), Number(values.seeds), Number(values.every)]
const endsAt = began + Number(values.minutes) * 60_000

/** Every so manyth seed, in this process. */
async function runSeeds(tell: (progress: Progress) => void): Promise<void> {
  const sum = { seeds: 0, steps: 0, attempts: 0, met: {} as Record<string, number> }
  let told = wallClock()
  for (let seed = from; seed < from + seeds && wallClock() < endsAt; seed += every) {
    try {
      const { steps, attempts, met } = await simulate(seed, { mutation })
      sum.steps += steps
      sum.attempts += attempts
      for (const [what, times] of Object.entries(met)) sum.met[what] = (sum.met[what] ?? 0) + times
    } catch (thrown) {
      sum.seeds += 1
      return tell({ ...sum, failed: { seed, message: thrown instanceof Error ? thrown.message : String(thrown) } })
    }
    sum.seeds += 1
    if (wallClock() - told < progressMs) continue
    told = wallClock()
    tell(sum)
  }
  tell(sum)
}

function report(all: readonly Progress[]): void {
  const met: Record<string, number> = {}
  for (const each of all) for (const [what, times] of Object.entries(each.met)) met[what] = (met[what] ?? 0) + times
  const total = (what: 'seeds' | 'steps' | 'attempts'): number => all.reduce((sum, each) => sum + each[what], 0)
  const seconds = (wallClock() - began) / 1_000
  const rate = (total('seeds') / seconds).toFixed(0)
  say(
    `${total('seeds')} seeds from ${from}, ${total('attempts')} attempts, ${total('steps')} steps in ${seconds.toFixed(1)} s (${rate} seeds/s): ${Object.entries(
      met,
    )
      .map(([what, times]) => `${what} ${times}`)
      .join(', ')}`,
  )
}

function fail({ seed, message }: NonNullable<Progress['failed']>): void {
  const asked = mutation ? ` --mutation ${mutation}` : ''
  say(`Seed ${seed} fails: ${message}\nReplay: npm run simulate -- --seed ${seed}${asked}`)
  process.exitCode = 1
}

async function inThisProcess(): Promise<void> {
  let last: Progress | undefined
  await runSeeds((progress) => {
    last = progress
    report([progress])
  })
  if (last?.failed) fail(last.failed)
}

function inProcesses(processes: number): void {
  const latest: Progress[] = []
  let told = began
  const children = Array.from({ length: processes }, (_, number) => {
    const args = ['--from', `${from + number}`, '--every', `${processes}`, '--seeds', `${Math.max(0, seeds - number)}`]
    const asked = ['--minutes', values.minutes, ...(mutation ? ['--mutation', mutation] : [])]
    const child = fork(import.meta.filename, [...args, ...asked, '--jobs', '0'])
    child.on('message', (progress: Progress) => {
      latest[number] = progress
      if (progress.failed) {
        for (const other of children) other.kill()
        fail(progress.failed)
      } else if (wallClock() - told >= progressMs) {
        told = wallClock()
        report(latest.filter(Boolean))
      }
    })
    child.on('exit', (code) => {
      ended += 1
      if (code !== 0 && code !== null) process.exitCode = code
      if (ended === processes) report(latest.filter(Boolean))
    })
    return child
  })
  let ended = 0
}

if (values.seed !== undefined) {
  try {
    const onTrace = values.trace ? { onTrace: say } : {}
    say(JSON.stringify(await simulate(Number(values.seed), { mutation, ...onTrace })))
  } catch (thrown) {
    fail({ seed: Number(values.seed), message: thrown instanceof Error ? thrown.message : String(thrown) })
  }
} else if (values.jobs === '0') await runSeeds((progress) => process.send!(progress))
else {
  const processes = Number(values.jobs ?? availableParallelism())
  if (processes > 1) inProcesses(processes)
  else await inThisProcess()
}
