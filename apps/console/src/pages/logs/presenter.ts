import { formatClock, formatDateTime } from '../../format/times.ts'
import type { LogLine } from '../../live/live-state.ts'

/** The least level that is shown; `info` is all. */
export const logLevels = ['info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogsSearch {
  readonly level?: LogLevel
  readonly q?: string
}

export interface LogLineView {
  readonly id: string
  readonly time: string
  readonly timeTitle: string
  readonly level: LogLevel
  readonly operator: string | null
  readonly message: string
  /** The first line of another attempt than the line before. */
  readonly newAttempt: number | null
}

export interface LogsView {
  readonly lines: readonly LogLineView[]
  readonly counts: Readonly<Record<LogLevel, number>>
  /** True: there is no line at all, whatever the filter. */
  readonly empty: boolean
}

/** @param lines oldest first. */
export function presentLogs(lines: readonly LogLine[], search: LogsSearch): LogsView {
  const wanted = (search.q ?? '').trim().toLowerCase()
  const least = logLevels.indexOf(search.level ?? 'info')
  const matching = lines.filter(
    ({ message, operator }) =>
      wanted === '' || message.toLowerCase().includes(wanted) || (operator ?? '').toLowerCase().includes(wanted),
  )
  const atLeast = (level: LogLevel): number =>
    matching.filter((line) => logLevels.indexOf(line.level) >= logLevels.indexOf(level)).length
  const shown = matching.filter(({ level }) => logLevels.indexOf(level) >= least)
  return {
    lines: shown.map((line, index) => ({
      id: line.id,
      time: formatClock(line.at),
      timeTitle: `${formatDateTime(line.at)}, attempt ${line.attempt}`,
      level: line.level,
      operator: line.operator,
      message: line.message,
      newAttempt: index > 0 && shown[index - 1].attempt !== line.attempt ? line.attempt : null,
    })),
    counts: { info: atLeast('info'), warn: atLeast('warn'), error: atLeast('error') },
    empty: lines.length === 0,
  }
}
