import type { ErrorDomain } from '@lightflus/api'

/** What a script can tell from how the command ended. */
export const exitCodes = {
  /** All is well. */
  ok: 0,
  /** The program, the job or the request is wrong: somebody has to change it. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Something outside did not answer or refused: the platform, a broker, a database. */
  outside: 3,
  /** A fault of Lightflus itself. */
  internal: 4,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const

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
