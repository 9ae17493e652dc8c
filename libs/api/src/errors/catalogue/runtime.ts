import type { ErrorEntry } from '../lightflus-error.ts'

export const runtime = {} satisfies Record<string, ErrorEntry>
