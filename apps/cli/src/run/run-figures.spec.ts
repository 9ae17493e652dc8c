import type { AttemptFigures, OperatorMetrics } from '@lightflus/runtime'
import pc from 'picocolors'
import { figuresText } from './figures-text.ts'
import { RunCounter } from './run-figures.ts'

const metrics = (changes: Partial<OperatorMetrics>): OperatorMetrics => ({
  operator: 'count',
  recordsIn: 0,
  recordsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  recordsSkipped: 0,
  recordsLate: 0,
  recordsAhead: 0,
  recordsPlain: 0,
  stateEntries: 0,
  stateBytes: 0,
  watermark: null,
  lag: null,
  ...changes,
})
const usage = { slotSeconds: 0, recordsIn: 1, recordsOut: 1, bytesIn: 0, bytesOut: 0 }

/** Figures of an attempt that keeps so much and has failed at so many checkpoints. */
const attempt = (number: number, stateBytes: number, failed: number): AttemptFigures => ({
  attempt: number,
  metrics: [metrics({ stateBytes })],
  usage,
  checkpoints: { completed: 1, failed, lastFailure: null },
})
const handleOf = (present: AttemptFigures) => ({
  state: 'RUNNING' as const,
  attempt: present.attempt,
  metrics: () => present.metrics,
  usage: () => present.usage,
  checkpoints: () => present.checkpoints,
})

test('failed checkpoints add up over attempts, state is that of the present one', () => {
  const counter = new RunCounter(() => 0)
  counter.attemptEnded(attempt(1, 900, 2))
  const figures = counter.figures(handleOf(attempt(2, 4_100, 1)))
  expect(figures).toMatchObject({ recordsIn: 2, stateBytes: 4_100, checkpointsFailed: 3 })
  expect(figuresText(pc.createColors(false), figures)).toContain('state 4.1 kB  checkpoints failed 3')
})

test('what is nothing is not said', () => {
  const figures = new RunCounter(() => 0).figures(handleOf(attempt(1, 0, 0)))
  expect(figuresText(pc.createColors(false), figures)).not.toMatch(/state|checkpoints/)
})
