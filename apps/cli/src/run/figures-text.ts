import type { Colors } from '../printer.ts'
import { bytesText, numberText, rateText } from '../printer.ts'
import type { RunFigures, RunSummary } from './run-view.ts'

/** One line: state, time, totals with rates, and what needs a look. */
export function figuresText(colors: Colors, figures: RunFigures): string {
  const { state, elapsedMs, recordsIn, recordsOut, inPerSecond, outPerSecond, lag } = figures
  const { recordsSkipped, recordsLate, recordsAhead, stateBytes, checkpointsFailed } = figures
  return [
    `${colors.bold(state)} ${durationText(elapsedMs)}`,
    `in ${numberText(recordsIn)} ${colors.dim(rateText(inPerSecond))}`,
    `out ${numberText(recordsOut)} ${colors.dim(rateText(outPerSecond))}`,
    ...(lag === null ? [] : [`lag ${numberText(lag)}`]),
    ...(stateBytes === 0 ? [] : [`state ${bytesText(stateBytes)}`]),
    ...(checkpointsFailed === 0 ? [] : [colors.yellow(`checkpoints failed ${numberText(checkpointsFailed)}`)]),
    ...(recordsLate === 0 ? [] : [colors.yellow(`late ${numberText(recordsLate)}`)]),
    ...(recordsAhead === 0 ? [] : [colors.yellow(`ahead ${numberText(recordsAhead)}`)]),
    ...(recordsSkipped === 0 ? [] : [colors.yellow(`skipped ${numberText(recordsSkipped)}`)]),
  ].join('  ')
}

const endings: Readonly<Record<string, string>> = {
  FINISHED: 'all input was read and every result is written',
  DRAINED: 'reading ended, every window fired, every result is written',
  SUSPENDED: 'paused with a savepoint; the same command goes on from it',
  CANCELLED: 'ended at once; what was not yet written is lost',
  FAILED: 'ended because of an error',
}

/** The last words of a run. */
export function summaryText(colors: Colors, summary: RunSummary): string {
  const { job, state, elapsedMs, recordsIn, recordsOut, bytesIn, bytesOut, attempts, memoryBytesMax } = summary
  const color = state === 'FAILED' ? colors.red : state === 'CANCELLED' ? colors.yellow : colors.green
  const facts = [
    `${numberText(recordsIn)} records in${bytesIn > 0 ? ` (${bytesText(bytesIn)})` : ''}`,
    `${numberText(recordsOut)} out${bytesOut > 0 ? ` (${bytesText(bytesOut)})` : ''}`,
    `${durationText(elapsedMs)}, ${rateText(summary.inPerSecond)}`,
    `memory up to ${bytesText(memoryBytesMax)}`,
    ...(summary.recordsLate === 0 ? [] : [`${numberText(summary.recordsLate)} late`]),
    ...(summary.recordsAhead === 0 ? [] : [`${numberText(summary.recordsAhead)} ahead of the clock`]),
    ...(summary.recordsPlain === 0 ? [] : [`${numberText(summary.recordsPlain)} decoded whole`]),
    ...(summary.recordsSkipped === 0 ? [] : [`${numberText(summary.recordsSkipped)} skipped`]),
    ...(summary.checkpointsFailed === 0 ? [] : [`${numberText(summary.checkpointsFailed)} checkpoints failed`]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
  ]
  const ending = endings[state]
  return `${job}: ${color(state)}${ending ? colors.dim(`, ${ending}`) : ''}\n  ${facts.join(', ')}\n`
}

export function durationText(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 60) return `${seconds.toFixed(1)}s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes}m${pad(seconds % 60)}s` : `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`
}

const pad = (value: number): string => String(Math.floor(value)).padStart(2, '0')
