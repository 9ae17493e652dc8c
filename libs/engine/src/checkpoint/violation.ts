import { LightflusError } from '@lightflus/api'
import type { CheckpointState } from './state.ts'

/** For an event that cannot come from subtasks which keep to the protocol. */
export function violation({ job, attempt }: CheckpointState, what: string): LightflusError {
  return new LightflusError('LF_CHECKPOINT_PROTOCOL', `Job ${job}, attempt ${attempt}: ${what}.`, { details: { job } })
}
