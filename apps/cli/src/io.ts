import { homedir } from 'node:os'
import { join } from 'node:path'

/** All that a command touches of the world, so that tests can stand in its place. */
export interface Io {
  /** Results: what a pipe would want. */
  readonly out: (text: string) => void
  /** Progress, hints and errors. */
  readonly err: (text: string) => void
  /** Standard input, whole. */
  readonly readInput: () => Promise<string>
  /** Asks on the terminal; `secret` shows nothing of what is typed. Only where {@link interactive}. */
  readonly ask: (question: string, secret: boolean) => Promise<string>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingFolder: string
  /** Both standard input and error are a terminal: only then may a command ask. */
  readonly interactive: boolean
  /** Standard output is a terminal. */
  readonly outIsTerminal: boolean
  /** Standard error is a terminal: progress may rewrite its line. */
  readonly errIsTerminal: boolean
  /** Columns and rows of the terminal that standard output is. */
  readonly terminalSize: () => { readonly columns: number; readonly rows: number }
  /** Aborted at the first Ctrl-C, for commands that watch. */
  readonly interrupted: AbortSignal
  /** Aborted at the second Ctrl-C, for commands that end in an orderly way at the first. */
  readonly interruptedAgain: AbortSignal
}

/** Where this user's settings live. */
export function configFolder(environment: Io['environment']): string {
  const base = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config')
  return join(base, 'lightflus')
}

/** Colour is for people: not in a pipe, not with NO_COLOR (https://no-color.org), always with FORCE_COLOR. */
export function wantsColor(environment: Io['environment'], isTerminal: boolean): boolean {
  if (environment.NO_COLOR) return false
  return Boolean(environment.FORCE_COLOR) || (isTerminal && environment.TERM !== 'dumb')
}
