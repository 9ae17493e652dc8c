import { join } from 'node:path'
import { isLightflusError, LightflusError, toLightflusError, type SerializedError } from '@lightflus/api'
import { loadConnector, loadIngestConnector } from '@lightflus/connectors'
import {
  createSubtask,
  edgeDemands,
  planJob,
  restoreSubtask,
  sinksWithOutput,
  SourceAlignment,
  StateBudget,
  type Chain,
  type Connector,
  type InputChannel,
  type OutputChannel,
  type PhysicalPlan,
  type PublishedRow,
  type SnapshotTimes,
  type StateStore,
  type Subtask,
  type SubtaskCheckpoints,
  type SubtaskSnapshot,
} from '@lightflus/engine'
import { deserializeShare } from '../checkpoint/snapshot-codec.ts'
import type { IngestAnswer, IngestQuestion } from '../ingest/ingest-messages.ts'
import { IngestQuestions } from '../ingest/ingest-questions.ts'
import { ingestedBy } from '../ingest/ingest-positions.ts'
import { Heartbeat } from './heartbeat.ts'
import { createHosts, type Hosts } from './hosts.ts'
import { loadProgram, type LoadedProgram } from './load-program.ts'
import { LogLines } from './log-lines.ts'
import type { MessageFromSlot, MessageToSlot, SlotSetup } from './messages.ts'
import { RowBuffer } from './row-buffer.ts'
import { SegmentStore } from '../state-store/segment-store.ts'
import { SnapshotCopies } from './snapshot-copies.ts'
import { Wiring } from './wiring.ts'

/** How long rows are gathered before they are sent on, milliseconds. */
const rowsMs = 50
/** How often counters are sent on, and the count of lines left out, milliseconds. */
const reportMs = 250
/** What a subtask leaves when it has finished costs nobody time. */
const notTimed: SnapshotTimes = { alignmentMs: 0, snapshotMs: 0 }

type Post = (message: MessageFromSlot | IngestQuestion, moved?: ArrayBuffer[]) => void

/** One thread's part of an attempt: the subtasks of its number, wired to those of the other slots. */
export class Slot {
  readonly log: LogLines
  readonly #setup: SlotSetup
  readonly #stateBudget: StateBudget
  readonly #post: Post
  readonly #cancel = new AbortController()
  readonly #ingest = new IngestQuestions((question) => this.#post(question))
  readonly #rows = new RowBuffer()
  readonly #subtasks = new Map<string, Subtask>()
  readonly #heartbeat: Heartbeat
  readonly #hosts: Hosts
  readonly #copies: SnapshotCopies
  /** Those that the program names, where they exist. */
  readonly #connectors = new Map<string, Connector | undefined>()
  #program: LoadedProgram | undefined
  #unopened = 0
  #rowsDue: NodeJS.Timeout | undefined

  constructor(setup: SlotSetup, post: Post) {
    this.#setup = setup
    this.#stateBudget = new StateBudget(setup.stateBytesMax)
    this.#post = post
    this.log = new LogLines({
      post: (line) => post({ type: 'log', line }),
      now: Date.now,
      linesPerSecondMax: setup.logLinesPerSecondMax,
    })
    this.#heartbeat = new Heartbeat(setup.heartbeat)
    this.#hosts = createHosts(this.#heartbeat)
    this.#copies = new SnapshotCopies({ budget: this.#stateBudget, elapsed: this.#hosts.reading.elapsed })
    setInterval(() => this.#report(), reportMs).unref()
  }

  /** Imports and builds the program; the coordinator then compares what the slots have built. */
  async build(): Promise<void> {
    const program = await loadProgram(this.#setup.job, this.#setup.bundleUrl)
    this.#program = program
    const kinds = new Set(program.first.graph.operators.flatMap(({ connector }) => connector ?? []))
    for (const kind of kinds) this.#connectors.set(kind, await this.#loadConnector(kind))
    this.#post({ type: 'built', graph: program.first.graph, graphHash: program.graphHash })
  }

  async #loadConnector(kind: string): Promise<Connector | undefined> {
    const { connectors } = this.#setup
    if (kind === 'ingest') return loadIngestConnector(this.#ingest)
    if (!Object.hasOwn(connectors, kind)) return loadConnector(kind)
    return ((await import(connectors[kind])) as { readonly default: Connector }).default
  }

  receive(message: MessageToSlot | IngestAnswer): void {
    if (message.type === 'start') return this.#start(message)
    if (message.type === 'cancel') return this.#cancel.abort()
    if (message.type === 'ingestAnswer') return this.#ingest.answered(message)
    for (const chain of message.chains) {
      const subtask = this.#subtasks.get(chain)
      if (message.type === 'drain') subtask?.drain()
      else if (message.type === 'triggerCheckpoint') subtask?.triggerCheckpoint(message.barrier)
      else if (message.type === 'checkpointAborted') {
        this.#copies.abort(chain, message.checkpoint)
        subtask?.checkpointAborted(message.checkpoint)
      } else if (message.type === 'snapshotStored') this.#copies.stored(chain, message.checkpoint)
      else subtask?.checkpointCompleted(message.checkpoint)
    }
  }

  fail(thrown: unknown): void {
    this.#post({ type: 'failed', error: serializable(this.#setup.job, thrown) })
  }

  #start({
    attempt,
    restore,
    shared,
    alignment: memory,
    checkpoints,
  }: Extract<MessageToSlot, { type: 'start' }>): void {
    const program = this.#program
    if (!program) throw new Error('a slot was started before it had built')
    const plan = planJob(program.first.graph, this.#setup.parallelism)
    const alignment = new SourceAlignment(program.first.graph, this.#setup.parallelism, memory)
    const snapshots = restore && deserializeShare(restore)
    const wiring = new Wiring({
      plan,
      slot: this.#setup.index,
      shared,
      signal: this.#cancel.signal,
      beats: () => this.#heartbeat.count,
      wanted: shared && edgeDemands(program.first),
    })
    const mine = plan.chains.filter(({ parallelism }) => this.#setup.index < parallelism)
    // All channels stand before anything runs: what a peer sends meanwhile waits in its ring.
    const wired = mine.map((chain) => ({ chain, inputs: wiring.inputs(chain), outputs: wiring.outputs(chain) }))
    for (const each of wired) {
      this.#subtasks.set(
        each.chain.id,
        this.#createSubtask({ ...each, plan, attempt, program, snapshots, alignment, checkpoints }),
      )
    }
    this.#unopened = this.#subtasks.size
    for (const [chain, subtask] of this.#subtasks) void this.#run(chain, subtask)
    this.#post({ type: 'started', chains: [...this.#subtasks.keys()] })
  }

  #createSubtask({
    chain,
    inputs,
    outputs,
    plan,
    attempt,
    program,
    snapshots,
    alignment,
    checkpoints,
  }: SubtaskParts): Subtask {
    const { job, index, connections } = this.#setup
    return createSubtask({
      plan,
      chain: chain.id,
      index,
      attempt,
      operators: program.build().operators,
      inputs,
      outputs,
      restore:
        snapshots &&
        restoreSubtask(
          plan,
          snapshots,
          { chain: chain.id, index },
          { committedTo: checkpoints.committedTo, dropState: this.#setup.dropState },
        ),
      checkpoints,
      openStateStore: this.#openStateStore(attempt),
      host: chain.inputs.length === 0 ? this.#hosts.reading : this.#hosts.receiving,
      connector: (kind) => {
        const connector = this.#connectors.get(kind)
        if (connector) return connector
        throw new LightflusError('LF_CONNECTOR_UNKNOWN', `Job ${job}: there is no connector '${kind}'.`, {
          details: { job, connector: kind },
        })
      },
      connection: (name) => {
        const connection = connections.find((each) => each.name === name)
        if (connection) return connection
        const known = connections.map((each) => each.name)
        throw new LightflusError(
          'LF_CONNECTION_MISSING',
          `Job ${job} uses connection '${name}', which does not exist; ${known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`}.`,
          { details: { job, connection: name, known } },
        )
      },
      stateBudget: this.#stateBudget,
      freezesState: true,
      alignment: alignment.port(chain.id, index),
      signal: this.#cancel.signal,
      log: (level, operator, message) => this.log.add(level, operator, message),
      publishRows: (sink, rows) => this.#publish(sink, rows),
      onOpened: () => this.#opened(),
      onSnapshot: (checkpoint, snapshot, times) => this.#store(chain.id, checkpoint, snapshot, times),
      onFinished: (snapshot) => this.#store(chain.id, 'finished', snapshot),
      onCommitted: (checkpoint) => this.#post({ type: 'committed', chain: chain.id, checkpoint }),
    })
  }

  #openStateStore(attempt: number): ((operator: string) => StateStore) | undefined {
    const { job, index, stateFolder } = this.#setup
    if (stateFolder === undefined) return undefined
    return (operator) => {
      const folder = join(stateFolder, `${attempt}-${index}`, encodeURIComponent(operator))
      return new SegmentStore({ job, folder, owner: { operator, subtask: index, attempt } })
    }
  }

  #opened(): void {
    this.#unopened -= 1
    if (this.#unopened === 0) this.#post({ type: 'opened' })
  }

  async #run(chain: string, subtask: Subtask): Promise<void> {
    try {
      await subtask.run()
    } catch (thrown) {
      this.fail(thrown)
    }
    this.#postRows()
    this.#report()
    this.#post({ type: 'ended', chain })
  }

  /** Copies what has to be copied at once; the rest, and all that comes after, while the subtask runs on. */
  #store(chain: string, checkpoint: number | 'finished', snapshot: SubtaskSnapshot, taken = notTimed): void {
    const outputs = sinksWithOutput(snapshot)
    const ingested = ingestedBy(snapshot)
    this.#copies.store(chain, checkpoint, snapshot, taken.snapshotMs).then(
      (stored) => {
        if (stored === undefined) return
        const { file, pauseMs, segments } = stored
        const times = { alignmentMs: taken.alignmentMs, pauseMs }
        const told = { chain, checkpoint, file, segments, outputs, times, ingested }
        this.#post({ type: 'snapshot', ...told }, [file.bytes.buffer])
      },
      (thrown: unknown) => {
        // No later checkpoint could hold it either.
        if (isLightflusError(thrown) && thrown.code === 'LF_STATE_UNSUPPORTED') return this.fail(thrown)
        this.#post({ type: 'snapshotFailed', chain, checkpoint, error: serializable(this.#setup.job, thrown) })
      },
    )
  }

  #publish(sink: string, rows: readonly PublishedRow[]): void {
    this.#rows.add(sink, rows)
    this.#rowsDue ??= setTimeout(() => this.#postRows(), rowsMs)
  }

  #postRows(): void {
    clearTimeout(this.#rowsDue)
    this.#rowsDue = undefined
    for (const each of this.#rows.take()) this.#post({ type: 'rows', ...each })
  }

  #report(): void {
    this.log.tick()
    const operators = [...this.#subtasks.values()].flatMap(({ metrics }) => metrics)
    if (operators.length > 0) this.#post({ type: 'metrics', operators })
  }
}

interface SubtaskParts {
  readonly chain: Chain
  readonly inputs: InputChannel[][]
  readonly outputs: OutputChannel[][]
  readonly plan: PhysicalPlan
  readonly attempt: number
  readonly program: LoadedProgram
  readonly snapshots: SubtaskSnapshot[] | undefined
  readonly alignment: SourceAlignment
  readonly checkpoints: SubtaskCheckpoints
}

function serializable(job: string, thrown: unknown): SerializedError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return toLightflusError(thrown, 'LF_SLOT_CRASHED', `A slot of job ${job} failed: ${reason}`, { job }).toJSON()
}
