import type { ErrorEntry } from '../lightflus-error.ts'

/** Mistakes in tests of programs. */
export const testing = {
  LF_TEST_USAGE: {
    domain: 'user',
    retry: false,
    meaning: 'A test asked its job for something that the job does not have or can no longer do.',
    nextStep: 'Mend the test: the message says what there is.',
    example: "Job spend-per-minute has no source 'order': orders, payments.",
  },
} as const satisfies Record<string, ErrorEntry>
