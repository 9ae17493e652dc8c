import { folderStorage } from '@lightflus/storage'
import { startDeployment } from '../start-deployment.ts'

/**
 * A process that runs one deployment, for tests that kill it: bundle, folder of checkpoints and number of slots are its
 * arguments; it prints a line for each checkpoint, and the outcome.
 */
const [bundlePath, folder, parallelism] = process.argv.slice(2)
const handle = startDeployment({
  jobName: 'test',
  bundlePath,
  parallelism: Number(parallelism),
  storage: folderStorage(folder),
  checkpointIntervalMs: 20,
  restore: 'newest',
  onCheckpoint: ({ checkpoint, attempt }) => {
    process.stdout.write(`checkpoint ${checkpoint} of attempt ${attempt}\n`)
  },
})
const { state, error } = await handle.done
process.stdout.write(`${state} ${error?.message ?? ''}\n`)
