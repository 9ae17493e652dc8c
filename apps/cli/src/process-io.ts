import { text } from 'node:stream/consumers'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { exitCodes } from './exit-code.ts'
import type { Io } from './io.ts'

/** What a command may still do after a second Ctrl-C, milliseconds. */
const lastWordsMs = 3_000

/** The world of a real process. */
export function processIo(): Io {
  const interruption = new AbortController()
  const secondInterruption = new AbortController()
  const interrupt = (): void => {
    if (interruption.signal.aborted) {
      secondInterruption.abort()
      setTimeout(() => process.exit(exitCodes.interrupted), lastWordsMs).unref()
    }
    interruption.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return {
    out: (written) => void process.stdout.write(written),
    err: (written) => void process.stderr.write(written),
    readInput: () => text(process.stdin),
    ask,
    environment: process.env,
    workingFolder: process.cwd(),
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    outIsTerminal: Boolean(process.stdout.isTTY),
    errIsTerminal: Boolean(process.stderr.isTTY),
    terminalSize: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
    interrupted: interruption.signal,
    interruptedAgain: secondInterruption.signal,
  }
}

async function ask(question: string, secret: boolean): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: secret ? silent : process.stderr, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    if (secret) process.stderr.write('\n')
  }
}
