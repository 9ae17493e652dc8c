import { count, job, session, sideOutput, sliding, sum, trigger, tumbling, type KeyedStream } from '@lightflus/api'
import { listSink, listSource } from '../testing/list-job.ts'
import { planJob } from './plan-job.ts'

const late = sideOutput<number>('late')

/** Whether the edge to the window combines. */
function combines(
  build: (keyed: KeyedStream<number, number>) => { sinkTo(sink: ReturnType<typeof listSink>): void },
  bounded = false,
) {
  const { graph } = job('windows', (flow) => {
    build(flow.source(listSource<number>(), { name: 'numbers' }).keyBy((n) => n)).sinkTo(listSink())
  }).build()
  const operators = graph.operators.map((node) =>
    node.kind === 'source' ? { ...node, options: { ...node.options, bounded } } : node,
  )
  const combining = (parallelism: number) =>
    planJob({ ...graph, operators }, parallelism).edges.some((edge) => edge.combines)
  expect(combining(1)).toBe(false)
  return combining(2)
}

test('records are combined where nothing comes of one before the watermark', () => {
  expect(combines((keyed) => keyed.window(tumbling('1s')).aggregate({ n: count() }))).toBe(true)
  expect(combines((keyed) => keyed.window(sliding('5s', { every: '1s' })).aggregate({ n: sum((n) => n) }))).toBe(true)
})

test('they are not where windows have no fixed bounds, or results come early, late records count, or a reduce decides', () => {
  const results = { n: count() }
  expect(combines((keyed) => keyed.aggregate(results))).toBe(false)
  expect(combines((keyed) => keyed.window(session('1s')).aggregate(results))).toBe(false)
  expect(combines((keyed) => keyed.window(tumbling('1s', { time: 'processing' })).aggregate(results))).toBe(false)
  expect(combines((keyed) => keyed.window(tumbling('1s')).reduce((a, b) => a + b))).toBe(false)
  expect(combines((keyed) => keyed.window(tumbling('1s'), { lateOutput: late }).aggregate(results))).toBe(false)
  expect(combines((keyed) => keyed.window(tumbling('1s'), { allowedLateness: '1s' }).aggregate(results))).toBe(false)
  expect(combines((keyed) => keyed.window(tumbling('1s'), { trigger: trigger.count(2) }).aggregate(results))).toBe(
    false,
  )
})

test('in a bounded job each window emits once, whatever was asked for', () => {
  const options = { allowedLateness: '1s', trigger: trigger.count(2) } as const
  expect(combines((keyed) => keyed.window(tumbling('1s'), options).aggregate({ n: count() }), true)).toBe(true)
})
