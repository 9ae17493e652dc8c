import { sum } from '@lightflus/api'
import type { TestedOperator } from './operator-table.ts'

export interface SlidingShape {
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs?: number
  readonly allowedLatenessMs?: number
  readonly lateOutput?: string
}

export type TestedWindow = Pick<TestedOperator<'window'>, 'functions' | 'options' | 'bounded' | 'onError'>

/** Sums of sliding windows. */
export function slidingSums({
  sizeMs,
  slideMs,
  offsetMs = 0,
  allowedLatenessMs = 0,
  lateOutput,
}: SlidingShape): TestedWindow {
  return {
    options: {
      windower: { kind: 'sliding', sizeMs, slideMs, offsetMs, time: 'event' },
      allowedLatenessMs,
      lateOutput: lateOutput ?? null,
      trigger: null,
      panes: 'accumulating',
      keyed: true,
      aggregates: ['n'],
    },
    functions: { aggregates: { n: sum((value: number) => value) } },
  }
}
