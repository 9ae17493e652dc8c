import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { LightflusError } from '@lightflus/api'
import {
  checkFile,
  checkFileTypes,
  closeBuild,
  closeCompiler,
  hasError,
  type Diagnostic,
  type ValidProgram,
} from '@lightflus/compiler'
import { makeProcessFolder, startDeployment, type DeploymentHandle, type Outcome } from '@lightflus/runtime'
import { memoryStorage, openStorage, type ChosenCheckpoint } from '@lightflus/storage'
import { openIngestReceiver, type IngestReceiver } from './ingest-receiver.ts'
import { invalidProgram } from '../diagnostics.ts'
import type { Io } from '../io.ts'
import { seenFrom } from '../local-check.ts'
import { runConnections } from './run-connections.ts'
import { RunCounter } from './run-figures.ts'
import type { RunView } from './run-view.ts'
import { letYoungGenerationGrow } from './young-generation.ts'

/** When types are checked: before anything runs, while it runs, or not at all. */
export type CheckTime = 'before' | 'alongside' | 'never'

export interface RunOptions {
  readonly program: string
  readonly parallelism: number
  readonly check: CheckTime
  /** Folder or s3:// where checkpoints are kept and the run goes on from; absent: in memory, and a run begins afresh. */
  readonly state: string | undefined
  /** The checkpoint to start from. Default: the newest. */
  readonly from: ChosenCheckpoint | undefined
  /** Operators whose state is dropped where the program does not have them; `all` among them: of every such operator. */
  readonly dropState: readonly string[]
  /** Milliseconds between checkpoints; null: none but the last. */
  readonly checkpointIntervalMs: number | 'auto' | null
  readonly connectionsFile: string | undefined
  /** Where records are taken over HTTP, for sources that read such; 0: any port that is free. */
  readonly ingestPort: number
  readonly slotHeapBytesMax: number | undefined
  /** Where states of functions are. */
  readonly stateBackend: 'memory' | 'disk'
  /** Where those on disk are. Default: among temporary files. */
  readonly stateFolder: string | undefined
  readonly slotSilenceMsMax: number | undefined
}

/** How often the view draws, milliseconds. */
const drawMs = 200

/**
 * Runs a program in this process until its input ends or Ctrl-C is pressed. The first Ctrl-C reads no more and writes
 * every result (with a place for state: takes a savepoint, for the next run to go on from), the second ends at once.
 * @throws the error that the run ended with.
 */
export async function runProgram(options: RunOptions, io: Io, view: RunView): Promise<Outcome> {
  const path = resolve(io.workingFolder, options.program)
  const seen = (diagnostics: readonly Diagnostic[]) => seenFrom(io.workingFolder, path, diagnostics)
  if (options.check === 'before') refuse(options.program, seen(await checkFileTypes(path)), view)
  const checked = await checkFile(path, { types: false, trusted: true })
  refuse(options.program, seen(checked.diagnostics), view)
  // Without an error there is a graph: that is what its type says, and refuse() has just made sure.
  const { graph, graphHash, bundle, connections: uses } = checked as ValidProgram
  // The job may run for days; nothing is built any more.
  const closing = closeBuild()
  const connections = await runConnections({ job: graph.job, uses, program: path, file: options.connectionsFile }, io)

  const storage = options.state === undefined ? memoryStorage() : openStorage(options.state, io.workingFolder)
  const receiver = await openIngestReceiver({ graph, storage, port: options.ingestPort })
  const folder = await makeProcessFolder(tmpdir(), 'lightflus-run')
  try {
    const bundlePath = join(folder.path, 'bundle.mjs')
    await writeFile(bundlePath, bundle.text)
    const counter = new RunCounter(() => performance.now())
    view.started(graph.job, options.parallelism)
    for (const { endpoint, url } of receiver?.urls ?? []) view.receiving(endpoint, url)
    letYoungGenerationGrow()
    const handle = startDeployment({
      jobName: graph.job,
      bundlePath,
      graphHash,
      parallelism: options.parallelism,
      connections,
      storage,
      checkpointIntervalMs: options.checkpointIntervalMs,
      restore: options.from ?? (options.state === undefined ? 'none' : 'newest'),
      dropState: options.dropState,
      standardOutput: view.sharesOutput ? 'inherit' : 'log',
      ...(options.slotHeapBytesMax === undefined ? {} : { slotHeapBytesMax: options.slotHeapBytesMax }),
      stateBackend: options.stateBackend,
      ...(options.stateFolder === undefined ? {} : { stateFolder: resolve(io.workingFolder, options.stateFolder) }),
      ...(options.slotSilenceMsMax === undefined ? {} : { limits: { slotSilenceMsMax: options.slotSilenceMsMax } }),
      onRows: (sink, rows) => view.rows(sink, rows),
      onLog: (line) => view.log(line),
      onState: (change) => view.state(change),
      onAttemptEnd: (figures) => counter.attemptEnded(figures),
    })
    const types =
      options.check === 'alongside'
        ? typesAlongside(checkFileTypes(path).then(seen), options.program, handle, view)
        : undefined
    const outcome = await watched(handle, counter, { ...options, receiver }, io, view)
    const typeError = await types
    const error = outcome.error ?? typeError
    view.end(counter.summary(handle, graph.job, process.resourceUsage().maxRSS * 1_024), error)
    if (error) throw error
    return outcome
  } finally {
    await receiver?.close()
    await folder.remove()
    await closing
    await closeCompiler()
  }
}

/** A program whose types do not fit would be refused by a platform: it does not go on here either. */
async function typesAlongside(
  check: Promise<readonly Diagnostic[]>,
  program: string,
  handle: DeploymentHandle,
  view: RunView,
): Promise<LightflusError | undefined> {
  const diagnostics = await check
  if (!hasError(diagnostics)) return undefined
  view.diagnostics(diagnostics)
  void handle.cancel()
  return invalidProgram(program, diagnostics)
}

function refuse(program: string, diagnostics: readonly Diagnostic[], view: RunView): void {
  if (diagnostics.length > 0) view.diagnostics(diagnostics)
  if (hasError(diagnostics)) throw invalidProgram(program, diagnostics)
}

/** Draws until the run has ended, and passes Ctrl-C on. */
async function watched(
  handle: DeploymentHandle,
  counter: RunCounter,
  { state, receiver }: RunOptions & { readonly receiver: IngestReceiver | undefined },
  io: Io,
  view: RunView,
): Promise<Outcome> {
  const draw = setInterval(() => view.progress(counter.figures(handle)), drawMs)
  const end = (): void => {
    view.note(
      state === undefined
        ? 'Reading ends; writing what is left. Ctrl-C again ends at once.'
        : 'Taking a savepoint to go on from. Ctrl-C again ends at once.',
    )
    // What has been answered is in the log, or the sender hears that it is not.
    const closed = receiver?.close() ?? Promise.resolve()
    void closed.then(() => (state === undefined ? handle.drain() : handle.suspend()))
  }
  const cancel = (): void => void handle.cancel()
  if (io.interrupted.aborted) end()
  io.interrupted.addEventListener('abort', end)
  io.interruptedAgain.addEventListener('abort', cancel)
  try {
    return await handle.done
  } finally {
    clearInterval(draw)
    io.interrupted.removeEventListener('abort', end)
    io.interruptedAgain.removeEventListener('abort', cancel)
  }
}
