import type { ErrorDomain } from '@lightflus/api'

/** What a script can tell from how the command ended. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, outside: 3, internal: 4, interrupted: 130 } as const

/** The sentences that help and the reference page show. */
export const exitCodeMeanings = {
  ok: 'All is well.',
  failed: 'The program, the job or the request is wrong: somebody has to change it.',
  usage: 'The command line is wrong.',
  outside: 'Something outside did not answer or refused: the platform, a broker, a database. Trying again may help.',
  internal: 'A fault of Lightflus itself.',
  interrupted: 'Ended by Ctrl-C. `run` ends with 0 after the first one, when every result has been written.',
} as const satisfies Record<keyof typeof exitCodes, string>

export function exitCodeOf(domain: ErrorDomain): number {
  switch (domain) {
    case 'user':
      return exitCodes.failed
    case 'external':
      return exitCodes.outside
    case 'internal':
      return exitCodes.internal
  }
}
