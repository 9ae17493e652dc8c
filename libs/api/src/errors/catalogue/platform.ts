import type { ErrorEntry } from '../lightflus-error.ts'

/** What the control plane answers, and what a client finds of it. */
export const platform = {
  LF_PLATFORM_UNREACHABLE: {
    domain: 'external',
    retry: true,
    meaning: 'Nothing answers at the platform’s address.',
    nextStep:
      'See that the platform runs (`npm start` or `lightflus up`) and that the address is right (`lightflus context list`).',
    example: 'Nothing answers at http://127.0.0.1:4400.',
  },
  LF_PLATFORM_ANSWER: {
    domain: 'external',
    retry: true,
    meaning: 'Something answered that is not the platform’s API.',
    nextStep: 'See that the address is that of a Lightflus platform and that no proxy answers in its place.',
    example: 'The answer was 502 Bad Gateway without a problem document.',
  },
} satisfies Record<string, ErrorEntry>
