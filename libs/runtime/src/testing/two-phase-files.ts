import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { Connector, ConnectorContext, SinkCommits, SinkWriter } from '@lightflus/engine'

/** Options of a sink of this connector. */
interface TwoPhaseOptions {
  readonly folder: string
  /** The process is killed at this step of the sink, counted in each subtask. */
  readonly killAt?: number
  /** A file: as long as it is not there, a commit makes it and fails. */
  readonly refusedOnce?: string
}

/**
 * A sink in two phases, in a folder: output lies in `staged/<sink>.<subtask>.<attempt>.<number>`, and is committed by a rename
 * to `done/`. It kills its own process at a step of a test's choice, with all that other threads are doing.
 */
function createWriter(context: ConnectorContext<'sink'>): SinkWriter {
  const { folder, killAt, refusedOnce } = context.operator.node.options['connector'] as unknown as TwoPhaseOptions
  const { attempt } = context.checkpoints!
  const sink = context.operator.node.id
  const staged = join(folder, 'staged')
  const done = join(folder, 'done')
  let steps = 0
  let number = 0
  let bytes = 0
  let file: { readonly name: string; readonly handle: number } | undefined
  let prepared: string[] = []

  function step(): void {
    steps += 1
    // Not process.kill: that is kept from slots.
    if (steps === killAt) execFileSync('kill', ['-KILL', String(process.pid)])
  }

  function begin(): { readonly name: string; readonly handle: number } {
    const name = `${sink}.${context.subtask.index}.${attempt}.${number++}`
    return { name, handle: openSync(join(staged, name), 'wx') }
  }

  function commit(name: string): void {
    if (existsSync(join(staged, name))) renameSync(join(staged, name), join(done, name))
    else if (!existsSync(join(done, name))) throw new LightflusError('LF_SINK_COMMIT_LOST', `${name} is gone.`)
    step()
  }

  const commits: SinkCommits = {
    async resume({ prepared: left, isCommitted, subtasks }) {
      step()
      if (!isCommitted) for (const { output } of left) for (const name of output as string[]) commit(name)
      const isOurs = (name: string) => name.startsWith(`${sink}.`) && subtasks.includes(Number(name.split('.')[1]))
      for (const name of readdirSync(staged)) if (isOurs(name)) rmSync(join(staged, name))
      step()
    },
    async prepare() {
      step()
      if (file) {
        fsyncSync(file.handle)
        closeSync(file.handle)
        prepared.push(file.name)
      }
      file = undefined
      step()
      return prepared.length > 0 ? [...prepared] : undefined
    },
    async commit() {
      const taken = prepared
      prepared = []
      step()
      if (refusedOnce !== undefined && !existsSync(refusedOnce)) {
        closeSync(openSync(refusedOnce, 'w'))
        throw new LightflusError('LF_CONNECTION_LOST', 'The target is gone for a moment.')
      }
      for (const name of taken) commit(name)
    },
  }
  return {
    commits,
    async open() {
      mkdirSync(staged, { recursive: true })
      mkdirSync(done, { recursive: true })
    },
    write(values) {
      file ??= begin()
      for (const value of values) bytes += writeSync(file.handle, `${JSON.stringify(value)}\n`)
    },
    flush: () => Promise.reject(new Error('a writer that commits is not flushed')),
    bytesWritten: () => bytes,
    async close() {
      if (file) closeSync(file.handle)
    },
  }
}

const connector: Connector = { kind: 'two-phase-files', createSink: createWriter }

export default connector
