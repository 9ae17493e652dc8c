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
  LF_QUEUE_UNREACHABLE: {
    domain: 'external',
    retry: true,
    meaning: 'The control plane cannot reach the Redis that carries its wake-ups.',
    nextStep:
      'See that Redis runs at REDIS_URL; until it does, the reconciler’s periodic pass does what wake-ups would have done sooner.',
    example: 'Redis at redis:6379 does not answer.',
  },
  LF_PROVISIONER_FAILED: {
    domain: 'external',
    retry: true,
    meaning: 'A worker could not be placed or removed.',
    nextStep: 'Read the cause; the reconciler tries again by itself.',
    example: 'The worker of tenant demo could not be started: spawn EAGAIN.',
  },
} satisfies Record<string, ErrorEntry>
