import { tmpdir } from 'node:os'
import type { Io } from '../io.ts'
import { runProgram } from '../program.ts'

export interface CommandRun {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A world with nothing in it: no terminal, no environment, nobody to ask. */
export function emptyWorld(): Io {
  return {
    out: () => {},
    err: () => {},
    readInput: async () => '',
    ask: () => Promise.reject(new Error('nobody is there to ask')),
    environment: {},
    workingFolder: tmpdir(),
    interactive: false,
    outIsTerminal: false,
    errIsTerminal: false,
    terminalSize: () => ({ columns: 80, rows: 24 }),
    interrupted: new AbortController().signal,
    interruptedAgain: new AbortController().signal,
  }
}

/** Runs one command line in a world of its own. */
export async function runCommand(args: readonly string[], world: Partial<Io> = {}): Promise<CommandRun> {
  let out = ''
  let err = ''
  const io: Io = {
    ...emptyWorld(),
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    ...world,
  }
  const code = await runProgram(io, args)
  return { code, out, err }
}
