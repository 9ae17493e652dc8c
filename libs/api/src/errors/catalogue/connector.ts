import type { ErrorEntry } from '../lightflus-error.ts'

export const connector = {} satisfies Record<string, ErrorEntry>
