import type { LogLine, StateChange } from '@lightflus/runtime'
import type { Colors } from '../printer.ts'
import { visibleText } from '../visible-text.ts'

export function logText(colors: Colors, { at, level, operator, message }: LogLine): string {
  const color = level === 'error' ? colors.red : level === 'warn' ? colors.yellow : colors.dim
  const time = colors.dim(new Date(at).toISOString().slice(11, 23))
  return `${time} ${color(level.padEnd(5))} ${operator === null ? '' : colors.dim(`${operator}: `)}${visibleText(message)}`
}

/** Why an attempt failed and the next one starts; empty for every other change, which the progress line shows. */
export function restartText(colors: Colors, { state, attempt, error }: StateChange): string {
  if (state !== 'RESTARTING' || !error) return ''
  return `${colors.yellow(`Attempt ${attempt} failed:`)} ${visibleText(error.message)} ${colors.dim(`(${error.code})`)}\n`
}
