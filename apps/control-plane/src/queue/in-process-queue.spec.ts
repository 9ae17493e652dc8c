import { InProcessQueue } from './in-process-queue.ts'
import { describeWorkQueue } from './work-queue.contract.ts'

describeWorkQueue('in-process', () => ({
  shared: false,
  open: (report) => new InProcessQueue((queue, key, error) => report({ queue, key, error })),
}))
