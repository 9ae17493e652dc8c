import { text } from 'node:stream/consumers'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Io } from './io.ts'

/** The world of a real process. */
export function processIo(): Io {
  const interruption = new AbortController()
  process.once('SIGINT', () => interruption.abort())
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
    interrupted: interruption.signal,
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
