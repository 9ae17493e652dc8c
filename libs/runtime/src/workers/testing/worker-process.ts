import { folderStorage } from '@lightflus/storage'
import { joinDeployment } from '../join-deployment.ts'
import { startDeployment } from '../../start-deployment.ts'
import type { DeploymentOptions } from '../../deployment.ts'
import type { Placement } from '../../placement.ts'

/** What a process of this file is started with, as JSON in its one argument. */
export interface WorkerProcessOptions {
  readonly bundlePath: string
  readonly folder: string
  readonly parallelism: number
  readonly placement: Placement
}

/**
 * One worker of a deployment, in a process of its own, for tests that kill it. It prints a line for each checkpoint, state and
 * outcome. A line `suspend` or `drain` on its input asks for that.
 */
const { bundlePath, folder, parallelism, placement } = JSON.parse(process.argv[2]) as WorkerProcessOptions
const say = (line: string) => void process.stdout.write(`${line}\n`)
const options: DeploymentOptions & { readonly placement: Placement } = {
  jobName: 'test',
  bundlePath,
  parallelism,
  placement,
  storage: folderStorage(folder),
  checkpointIntervalMs: 100,
  restore: 'newest',
  restart: { delayMs: 100, delayMsMax: 200 },
  limits: { workerSilenceMsMax: 3_000 },
  onCheckpoint: ({ checkpoint, attempt }) => say(`checkpoint ${checkpoint} of attempt ${attempt}`),
  onState: ({ state, error }) => say(`state ${state} ${error?.code ?? ''}`),
  onLog: ({ level, message }) => level !== 'info' && say(`log ${message}`),
}

if (placement.worker === 0) {
  const handle = startDeployment(options)
  process.stdin.on('data', (data) => {
    const what = data.toString().trim()
    if (what === 'suspend' || what === 'drain') void handle[what]()
  })
  const { state, error } = await handle.done
  say(`ended ${state} ${error?.message ?? ''}`)
  process.exit()
}
const peer = joinDeployment(options)
await peer.done.then(
  () => say('ended'),
  (thrown: unknown) => say(`ended ${String(thrown)}`),
)
process.exit()
