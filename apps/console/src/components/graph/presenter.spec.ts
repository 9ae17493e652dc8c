import type { MetricsSample } from '../../live/live-state.ts'
import { graphSample, now } from '../../testing/samples.ts'
import { presentGraph, watermarkLagMs, type Graph } from './presenter.ts'

const counts = { recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0 }
const idle = {
  ...counts,
  recordsSkipped: 0,
  recordsLate: 0,
  recordsAhead: 0,
  recordsPlain: 0,
  stateEntries: 0,
  stateBytes: 0,
  lag: null,
  watermarkLagMs: null,
}
const sample: MetricsSample = {
  type: 'metrics',
  at: now,
  state: 'RUNNING',
  operators: [
    {
      ...idle,
      operator: 'orders',
      recordsSkipped: 3,
      recordsAhead: 7,
      watermark: now - 4_200,
      recordsInPerSecond: 2_000,
      recordsOutPerSecond: 1_990,
    },
    { ...idle, operator: 'keyBy-1', watermark: null, recordsInPerSecond: 1_990, recordsOutPerSecond: 1_990 },
    {
      ...idle,
      operator: 'per-minute',
      recordsLate: 12_400,
      watermark: now - 5_000,
      recordsInPerSecond: 1_990,
      recordsOutPerSecond: 20,
    },
    { ...idle, operator: 'mysql', watermark: Number.MAX_SAFE_INTEGER, recordsInPerSecond: 20, recordsOutPerSecond: 0 },
  ],
}

const plain = (text: string | null | undefined): string => (text ?? '').replaceAll('\u202f', ' ')

describe('a graph', () => {
  test('says of each operator what it is and does', () => {
    const { operators } = presentGraph(graphSample, sample)
    expect(operators.map(({ id, rate }) => `${id} ${rate}`)).toEqual([
      'orders 2k/s',
      'keyBy-1 1.99k/s',
      'per-minute 20/s',
      'mysql 20/s',
    ])
    expect(operators.map(({ subtitle }) => plain(subtitle))).toEqual([
      'kafka · events · orders',
      'keyBy',
      'window · tumbling 1m',
      'mysql · shop-db',
    ])
    expect(operators.map(({ notes }) => notes)).toEqual([['7 ahead', '3 skipped'], [], ['12.4k late'], []])
    expect(operators.map(({ watermarkLag }) => watermarkLag && plain(watermarkLag))).toEqual([
      '4.2 s',
      null,
      '5 s',
      null,
    ])
  })

  test('draws busy edges wider, and marks the keyed one', () => {
    const { edges } = presentGraph(graphSample, sample)
    expect(edges.map(({ label }) => label)).toEqual([null, 'by key', null])
    expect(edges[0].width).toBeGreaterThan(edges[2].width)
    expect(edges.every(({ active }) => active)).toBe(true)
  })

  test('says of each edge which records take it, and tells edges between the same two apart', () => {
    const edge = (exchange: Graph['edges'][number]['exchange'], output?: string, input?: number) => ({
      from: 'orders',
      to: 'mysql',
      exchange,
      ...(output === undefined ? {} : { output }),
      ...(input === undefined ? {} : { input }),
    })
    const edges = [
      edge('forward'),
      edge('forward', 'late', 1),
      edge('broadcast', undefined, 2),
      edge('keyed', 'odd', 3),
    ]
    const view = presentGraph({ ...graphSample, edges }, undefined)
    expect(view.edges.map(({ label }) => label)).toEqual([null, 'late', 'to all', 'odd, by key'])
    expect(new Set(view.edges.map(({ id }) => id)).size).toBe(4)
  })

  test('stands without measurements', () => {
    const { operators, edges } = presentGraph(graphSample, undefined)
    expect(operators.every(({ rate, notes }) => rate === '' && notes.length === 0)).toBe(true)
    expect(edges.some(({ active }) => active)).toBe(false)
  })

  test('a watermark in the future, or at the end of time, is no lag', () => {
    expect(watermarkLagMs(now + 5, now)).toBe(0)
    expect(watermarkLagMs(Number.MAX_VALUE, now)).toBeNull()
    expect(watermarkLagMs(null, now)).toBeNull()
  })
})
