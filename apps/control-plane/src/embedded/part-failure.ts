import { LightflusError } from '@lightflus/api'

/** What the end of a part's log tells of why it ended. */
export type Explanation = (tail: string) => LightflusError | null

/** Postgres says a disk is full in its own words, and that its files are damaged in many. */
export function explainPostgres(folder: string): Explanation {
  return (tail) => {
    if (isDiskFull(tail)) return diskFull(folder)
    const damage =
      /PANIC: +(.*)|FATAL: +(.*(?:control file|checkpoint record|checksum|invalid data|not a valid).*)/.exec(tail)
    if (!damage) return null
    const what = damage[1] ?? damage[2]
    return new LightflusError('LF_UP_FOLDER_DAMAGED', `The data folder ${folder} is damaged; Postgres says: ${what}.`)
  }
}

/** The control plane's log holds a JSON line for what ended it, with a code where it is one of ours. */
export function explainControlPlane(folder: string): Explanation {
  return (tail) => {
    if (isDiskFull(tail)) return diskFull(folder)
    const said = tail
      .split('\n')
      .map(parseLine)
      .findLast((line) => line?.level === fatal)
    if (!said?.msg) return null
    return new LightflusError(
      'LF_UP_CONTROL_PLANE',
      `The control plane cannot start: ${said.msg} (${said.code ?? 'no code'})`,
      {
        ...(said.nextStep ? { nextStep: said.nextStep } : {}),
      },
    )
  }
}

/** Of pino's levels. */
const fatal = 60

interface LogLine {
  readonly level?: number
  readonly msg?: string
  readonly code?: string
  readonly nextStep?: string
}

function parseLine(line: string): LogLine | null {
  try {
    return JSON.parse(line) as LogLine
  } catch {
    return null
  }
}

function isDiskFull(tail: string): boolean {
  return /No space left on device|ENOSPC|Disk quota exceeded/.test(tail)
}

function diskFull(folder: string): LightflusError {
  return new LightflusError('LF_UP_DISK_FULL', `The disk of ${folder} is full.`)
}
