import { folderStorage } from '@lightflus/storage'
import { startDeployment } from '../start-deployment.ts'

/**
 * A process that runs one deployment, for tests that kill it. Its arguments: bundle, folder of checkpoints, number of
 * slots, after how many checkpoints it drains, and a folder for states where they are to be on disk. It prints a line for each checkpoint, and the outcome.
 */
const [bundlePath, folder, parallelism, drainAfter, stateFolder] = process.argv.slice(2)
let seen = 0
const handle = startDeployment({
  jobName: 'test',
  bundlePath,
  parallelism: Number(parallelism),
  storage: folderStorage(folder),
  checkpointIntervalMs: 20,
  restore: 'newest',
  ...(stateFolder === undefined ? {} : { stateBackend: 'disk', stateFolder }),
  onCheckpoint: ({ checkpoint, attempt }) => {
    process.stdout.write(`checkpoint ${checkpoint} of attempt ${attempt}\n`)
    seen += 1
    if (seen === Number(drainAfter)) void handle.drain()
  },
})
const { state, error } = await handle.done
process.stdout.write(`${state} ${error?.message ?? ''}\n`)
