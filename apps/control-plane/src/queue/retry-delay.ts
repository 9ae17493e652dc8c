import { retryDelayMs, retryDelayMsMax } from './work-queue.ts'

/** How long to wait after the n-th failure in a row of one key (n from 1), milliseconds. */
export function retryDelay(failures: number): number {
  return Math.min(retryDelayMs * 2 ** (failures - 1), retryDelayMsMax)
}
