import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStorage } from '@lightflus/storage'
import type { CheckpointInfo, DeploymentHandle, DeploymentOptions, LogLine, StateChange } from '../deployment.ts'
import { startDeployment } from '../start-deployment.ts'
import { bundleProgram } from './program-bundle.ts'

/** A deployment under test, with all that it has told so far. */
export interface Watched {
  readonly handle: DeploymentHandle
  readonly lines: LogLine[]
  readonly states: StateChange[]
  readonly checkpoints: CheckpointInfo[]
}

/** A folder of its own for one test, in which programs are bundled and run. */
export class Workbench {
  readonly folder: string
  readonly #running: DeploymentHandle[] = []

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<Workbench> {
    return new Workbench(await mkdtemp(join(tmpdir(), 'lightflus-runtime-')))
  }

  /** Ends what still runs and removes the folder. */
  async close(): Promise<void> {
    await Promise.all(this.#running.map((handle) => handle.cancel()))
    await rm(this.folder, { recursive: true, force: true })
  }

  bundle(text: string, fileName = 'program.ts'): Promise<string> {
    return bundleProgram(this.folder, fileName, text)
  }

  start(options: Partial<DeploymentOptions> & Pick<DeploymentOptions, 'bundlePath'>): Watched {
    const lines: LogLine[] = []
    const states: StateChange[] = []
    const checkpoints: CheckpointInfo[] = []
    const handle = startDeployment({
      jobName: 'test',
      parallelism: 1,
      storage: memoryStorage(),
      checkpointIntervalMs: null,
      restore: 'newest',
      restart: { delayMs: 1, delayMsMax: 1 },
      onLog: (line) => lines.push(line),
      onState: (change) => states.push(change),
      onCheckpoint: (checkpoint) => checkpoints.push(checkpoint),
      ...options,
    })
    this.#running.push(handle)
    return { handle, lines, states, checkpoints }
  }

  /** All rows that the files sink has written to `<name>` in every subtask; a line cut off by a crash is left out. */
  async rows<Row>(name: string): Promise<Row[]> {
    const stem = name.replace(/\.jsonl$/, '')
    const files = (await readdir(this.folder)).filter((each) => each.startsWith(stem) && each.endsWith('.jsonl'))
    const texts = await Promise.all(files.sort().map((each) => readFile(join(this.folder, each), 'utf8')))
    return texts.flatMap((text) => text.split('\n').slice(0, -1)).map((line) => JSON.parse(line) as Row)
  }
}

/** The operator's metrics, all zero as long as there are none. */
export function recordsOf({ handle }: Watched, operator: string): { readonly in: number; readonly out: number } {
  const found = handle.metrics().find((each) => each.operator === operator)
  return { in: found?.recordsIn ?? 0, out: found?.recordsOut ?? 0 }
}
