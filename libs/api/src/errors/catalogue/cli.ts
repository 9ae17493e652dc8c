import type { ErrorEntry } from '../lightflus-error.ts'

export const cli = {} satisfies Record<string, ErrorEntry>
