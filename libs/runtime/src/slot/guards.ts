import inspector from 'node:inspector'
import { syncBuiltinESMExports } from 'node:module'
import { formatWithOptions } from 'node:util'
import { LightflusError } from '@lightflus/api'
import type { LogLine } from '../deployment.ts'

type AddLine = (level: LogLine['level'], message: string) => void

const levels = {
  log: 'info',
  info: 'info',
  debug: 'info',
  dir: 'info',
  trace: 'warn',
  warn: 'warn',
  error: 'error',
} as const
/** Objects deeper than this, and longer lists and texts, are cut: a line is for a person. */
const inspection = { depth: 4, maxArrayLength: 100, maxStringLength: 2_000, breakLength: 120 }

function keepFromInspector(job: string): void {
  // Not an arrow function, since it stands for a class as well.
  function closed(): never {
    throw new LightflusError('LF_PROGRAM_EXIT', `Job ${job} reached for Node's inspector.`, { details: { job } })
  }
  Object.assign(inspector, { Session: closed, open: closed, url: closed, waitForDebugger: closed })
  syncBuiltinESMExports()
}

/**
 * Sends what the program prints to the job's log, and keeps it from ending the process that it shares. A guard against
 * accident, not against attack. Standard output itself is left alone: sinks may write to it.
 */
export function guardProcess(job: string, addLine: AddLine): void {
  for (const [method, level] of Object.entries(levels)) {
    Object.assign(console, {
      [method]: (...values: unknown[]) => addLine(level, formatWithOptions(inspection, ...values)),
    })
  }
  console.table = console.log
  console.assert = (condition, ...values: unknown[]) => {
    if (!condition) addLine('error', formatWithOptions(inspection, 'Assertion failed', ...values))
  }
  keepFromInspector(job)
  for (const name of ['exit', 'reallyExit', 'abort', 'kill'] as const) {
    Object.assign(process, {
      [name]: () => {
        throw new LightflusError('LF_PROGRAM_EXIT', `Job ${job} called process.${name}.`, {
          details: { job },
          cause: new Error(`process.${name} was called`),
        })
      },
    })
  }
}
