import { folderStorage, readLog, type CheckpointStorage } from '@lightflus/storage'
import { startDeployment } from '../start-deployment.ts'

/** What a process of this file is started with, as JSON in its one argument. */
export interface RunAndDie {
  readonly bundlePath: string
  readonly folder: string
  readonly parallelism: number
  /** The process is killed at this write to checkpoint storage: before it, or after it. */
  readonly killAtWrite?: number
  readonly killAfter?: boolean
  /** It is killed once the log names a checkpoint with which the attempt is to end. */
  readonly killAtEnding?: boolean
  readonly requestAtCheckpoint?: { readonly count: number; readonly what: 'suspend' | 'stop' | 'drain' }
}

const run = JSON.parse(process.argv[2]) as RunAndDie
const storage = folderStorage(run.folder)
let writes = 0

async function counted<T>(write: () => Promise<T>): Promise<T> {
  writes += 1
  const dies = writes === run.killAtWrite
  if (dies && !run.killAfter) process.kill(process.pid, 'SIGKILL')
  const written = await write()
  if (dies) process.kill(process.pid, 'SIGKILL')
  return written
}

const dying: CheckpointStorage = {
  location: storage.location,
  durable: true,
  put: (path, bytes) => counted(() => storage.put(path, bytes)),
  async createIfAbsent(path, bytes) {
    const made = await counted(() => storage.createIfAbsent(path, bytes))
    const ending = run.killAtEnding && (await readLog(storage)).checkpoints.at(-1)?.ending
    if (ending) process.kill(process.pid, 'SIGKILL')
    return made
  },
  get: (path) => storage.get(path),
  list: (prefix) => storage.list(prefix),
  delete: (path) => storage.delete(path),
}

let checkpoints = 0
const handle = startDeployment({
  jobName: 'test',
  bundlePath: run.bundlePath,
  parallelism: run.parallelism,
  connectors: { 'two-phase-files': new URL('./two-phase-files.ts', import.meta.url).href },
  storage: dying,
  checkpointIntervalMs: 20,
  restore: 'newest',
  restart: { delayMs: 1, delayMsMax: 1, failuresMax: 0 },
  onCheckpoint: () => {
    checkpoints += 1
    if (checkpoints === run.requestAtCheckpoint?.count) void handle[run.requestAtCheckpoint.what]()
  },
})
const { state, error } = await handle.done
process.stdout.write(`${state} ${error?.message ?? ''}\n`)
