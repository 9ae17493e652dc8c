import { job, type Flow } from '@lightflus/api'
import { sinksWithOutput } from '../checkpoint/snapshot.ts'
import type { Connector, ConnectorContext, SinkWriter } from '../connector.ts'
import type { SinkCommits } from '../sink-commits.ts'
import { createListConnector, type ListWorld } from '../testing/list-connector.ts'
import { listSource } from '../testing/list-job.ts'
import type { Sink } from '../operators/sink.ts'
import { CommittingSinks } from './committing-sinks.ts'
import { LocalAttempt, type AttemptOptions, type JobLog } from '../testing/local-attempt.ts'

const programWith = (delivery?: 'exactly-once', sink = 'out') =>
  job('numbers', (flow: Flow) => {
    flow
      .source(listSource<number>(), { name: 'numbers' })
      .sinkTo(
        { accepts: 'inserts', connector: 'list', options: { connector: delivery ? { delivery } : {} }, functions: {} },
        { name: sink },
      )
  })

/** A writer that notes its calls, and in commits whatever is given. */
function noting(calls: string[], commits?: Partial<SinkCommits>) {
  return (context: ConnectorContext<'sink'>): SinkWriter => {
    let written = 0
    return {
      ...(commits && {
        commits: {
          resume: async ({ prepared, isCommitted, subtasks }) => {
            const left = prepared.map(({ subtask, checkpoint }) => `${checkpoint} of ${subtask}`)
            calls.push(`resume [${left.join()}]${isCommitted ? ' committed' : ''} for ${subtasks.join()}`)
          },
          prepare: async (checkpoint) => {
            calls.push(`prepare ${checkpoint}`)
            return written
          },
          commit: async (checkpoint) => void calls.push(`commit ${checkpoint}`),
          ...commits,
        },
      }),
      open: async () => void calls.push(`open with ${context.checkpoints ? 'checkpoints' : 'none'}`),
      write(values) {
        written += values.length
        calls.push(`write ${values.join(' ')}`)
      },
      flush: async () => void calls.push('flush'),
      bytesWritten: () => written,
      close: async () => void calls.push('close'),
    }
  }
}

const items = Array.from({ length: 6 }, (_, index) => ({ payload: index, timestamp: index }))

/** Runs the job over six numbers, two a batch, with a checkpoint at the first poll. */
function attemptOf(createSink: Connector['createSink'], options: Partial<AttemptOptions> = {}) {
  let polls = 0
  const world: ListWorld = {
    sources: { numbers: { p: items } },
    collected: [],
    cut: () => 2,
    onPoll: () => {
      if (++polls === 1) attempt.tell({ type: 'intervalElapsed' })
    },
  }
  const connector = { ...createListConnector(world), ...(createSink && { createSink }) }
  const attempt: LocalAttempt = new LocalAttempt({ job: programWith(), world, parallelism: 1, connector, ...options })
  return attempt
}

test('a sink that commits is driven by checkpoints, and its subtask stays for the last commit', async () => {
  const calls: string[] = []
  const { ending } = await attemptOf(noting(calls, {})).run()
  expect(ending).toBe('FINISHED')
  expect(calls).toEqual([
    'open with checkpoints',
    'resume [] committed for 0',
    'write 0 1',
    'prepare 1',
    expect.stringMatching(/^write/),
    ...calls.slice(5, -3),
    'prepare 2',
    'commit 2',
    'close',
  ])
  expect(calls.filter((call) => call === 'commit 1')).toHaveLength(1)
})

test('a commit that takes long holds up no record, but the end', async () => {
  const calls: string[] = []
  const commit = async (checkpoint: number) => {
    for (let turns = 0; turns < 200; turns++) await Promise.resolve()
    calls.push(`committed ${checkpoint}`)
  }
  await attemptOf(noting(calls, { commit })).run()
  expect(calls.indexOf('committed 1')).toBeGreaterThan(calls.indexOf('write 4 5'))
  expect(calls.slice(-2)).toEqual(['committed 2', 'close'])
})

test('a commit that is refused fails the subtask, with the sink named', async () => {
  const commit = () => Promise.reject(new Error('constraint violated'))
  const calls: string[] = []
  await expect(attemptOf(noting(calls, { commit })).run()).rejects.toMatchObject({
    code: 'LF_OPERATOR_FAILED',
    message: 'Job numbers, operator out: constraint violated',
  })
  expect(calls.at(-1)).toBe('close')
})

test('a writer that loses what it prepared for a checkpoint that came to nothing is found out', async () => {
  const calls: string[] = []
  let prepared = 0
  const prepare = async () => {
    if (++prepared > 1) return undefined
    attempt.tell({ type: 'expired', checkpoint: 1 })
    return 'some'
  }
  const attempt = attemptOf(noting(calls, { prepare }))
  await expect(attempt.run()).rejects.toThrow('its writer has lost what it had prepared for checkpoint 1')
})

test('exactly once is refused of a writer that does not know it, before anything is written', () => {
  expect(() => attemptOf(noting([]), { job: programWith('exactly-once') })).toThrow(
    expect.objectContaining({
      code: 'LF_SINK_DELIVERY',
      message: expect.stringContaining("delivery 'exactly-once' is not known to connector list"),
    }),
  )
  expect(() => attemptOf(noting([], {}), { job: programWith('exactly-once') })).not.toThrow()
})

/** A checkpoint with output, of two subtasks, that is not committed. */
async function leftBehind(): Promise<JobLog> {
  const jobLog: JobLog = { checkpoints: [], committedTo: 0, subtasksMax: 0, usedTo: 0 }
  const attempt = attemptOf(noting([], {}), {
    jobLog,
    parallelism: 2,
    onStep: (step) => {
      if (step === 'after checkpoint') attempt.crash()
    },
  })
  expect((await attempt.run()).ending).toBe('CRASHED')
  expect(jobLog.checkpoints.at(-1)!.snapshots.flatMap(sinksWithOutput)).toEqual(['out', 'out'])
  return jobLog
}

test('output that was left behind is given to the subtask that it falls to, until the log says it is committed', async () => {
  const jobLog = await leftBehind()
  const restore = jobLog.checkpoints.at(-1)!
  const calls: string[] = []
  await attemptOf(noting(calls, {}), { jobLog: { ...jobLog }, restore, attempt: 2 }).run()
  expect(calls[1]).toBe('resume [1 of 0,1 of 1] for 0,1')
  calls.length = 0
  await attemptOf(noting(calls, {}), { jobLog: { ...jobLog, committedTo: 1 }, restore, attempt: 3 }).run()
  expect(calls[1]).toBe('resume [1 of 0,1 of 1] committed for 0,1')
})

test('output that was left behind is not forgotten by a program that would not commit it', async () => {
  const jobLog = await leftBehind()
  const restore = jobLog.checkpoints.at(-1)!
  const given = { restore, attempt: 2 }
  const refused = { code: 'LF_RESTORE_MISMATCH' }
  await expect(attemptOf(noting([]), { ...given, jobLog: { ...jobLog } }).run()).rejects.toMatchObject(refused)
  const renamed = { ...given, job: programWith(undefined, 'renamed') }
  expect(() => attemptOf(noting([], {}), { ...renamed, jobLog: { ...jobLog } })).toThrow(
    expect.objectContaining(refused),
  )
  // Nothing is lost any more.
  const committed = { ...jobLog, committedTo: 1 }
  await expect(attemptOf(noting([]), { ...given, jobLog: { ...committed } }).run()).resolves.toBeDefined()
  await expect(attemptOf(noting([], {}), { ...renamed, jobLog: { ...committed } }).run()).resolves.toBeDefined()
})

test('the word that a checkpoint exists, come late, commits nothing that was prepared for the next', async () => {
  // Goal: a sink that had written nothing for 1 waits for no word of it, and the barrier of 2 may come first.
  const committed: number[] = []
  let prepared: Sink['prepared'] = { subtask: 0, attempt: 1, checkpoint: 2, output: 'some' }
  const sink = {
    get prepared() {
      return prepared
    },
    commit: async () => {
      prepared = undefined
    },
  } as Sink
  const place = { job: 'numbers', operator: 'out' }
  const { signal } = new AbortController()
  const onCommitted = (checkpoint: number) => committed.push(checkpoint)
  const sinks = new CommittingSinks({ sinks: [{ sink, place }], first: 1, signal, onCommitted, wake: () => {} })
  sinks.completed(1)
  expect([sinks.isSettled, sinks.isUndecided, sinks.decidedTo]).toEqual([false, true, 1])
  sinks.completed(2)
  await new Promise(setImmediate)
  expect(committed).toEqual([2])
  expect(sinks.isSettled).toBe(true)
})
