import { collect, type OperatorFunctions } from '@lightflus/api'
import { createGeneralWindow } from '../operators/window/general-window.ts'
import type { TestedOperator } from './operator-table.ts'

export const tumbling = { kind: 'tumbling', sizeMs: 10, offsetMs: 0, time: 'event' }
export const session = { kind: 'session', gapMs: 5, time: 'event' }

/** Windows that collect their records as `all`: tumbling ones of 10 ms unless the options say otherwise. */
export const windows = (
  options: Readonly<Record<string, unknown>>,
  functions: OperatorFunctions['window'] = {},
): TestedOperator<'window'> => ({
  kind: 'window',
  create: createGeneralWindow,
  options: {
    windower: tumbling,
    allowedLatenessMs: 0,
    lateOutput: null,
    trigger: null,
    panes: 'accumulating',
    keyed: true,
    aggregates: ['all'],
    ...options,
  },
  functions: { aggregates: { all: collect() }, ...functions },
})

/**
 * A result as a table has it.
 * @param window `start..end`
 * @param pane timing and index, and `last` where nothing more comes of the window.
 */
export function row(key: string, window: string, pane: string, all: string): string {
  const [start, end] = window.split('..').map(Number)
  const [timing, index, isLast] = pane.split(' ')
  const told = { timing, index: Number(index), isFirst: index === '0', isLast: isLast === 'last' }
  const result = { key, window: { start, end }, pane: told, all: JSON.parse(`[${all}]`) as unknown }
  return `${JSON.stringify(result)}@${end - 1}`
}
