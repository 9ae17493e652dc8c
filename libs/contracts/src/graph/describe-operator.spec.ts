import {
  calendar,
  count,
  countWindow,
  early,
  generator,
  globalWindow,
  job,
  late,
  session,
  sideOutput,
  sliding,
  state,
  table,
  trigger,
  tumbling,
  type KeyedStream,
  type Stream,
  type Windower,
  type WindowOptions,
} from '@lightflus/api'
import { describeOperator } from './describe-operator.ts'

interface Event {
  readonly user: string
  readonly at: number
}

/** What is said of the first operator behind the source, or behind its keyBy. */
function saidOf(build: (stream: Stream<Event>, keyed: KeyedStream<Event, string>) => { readonly upstream: object }) {
  let of = ''
  const { operators } = job('told', (flow) => {
    const events = flow.source(generator.source({ generate: (): Event => ({ user: 'a', at: 0 }), count: 1 }))
    const keyed = events.keyBy(({ user }) => user)
    const built = build(events, keyed) as Stream<object>
    of = (built.upstream as unknown as { edge: { from: string } }).edge.from
    // Whatever it is, its records end somewhere, so that the graph is whole.
    if ('changes' in built) (built as unknown as { changes(): Stream<object> }).changes().sinkTo(table.sink())
    else built.sinkTo(table.sink())
    keyed.reduce((a) => a).sinkTo(table.sink())
  }).build()
  return describeOperator(operators.get(of)!.node).join(' · ')
}

const windowOf = (windower: Windower<Event>, options: WindowOptions<Event> = {}) =>
  saidOf((_, keyed) => keyed.window(windower, options as { panes?: 'accumulating' }).aggregate({ n: count() }))

test.each<[string, Windower<Event>, WindowOptions<Event>]>([
  ['tumbling 5s · n', tumbling('5s'), {}],
  ['tumbling 1d from 2h of processing time · n', tumbling('1d', { offset: '2h', time: 'processing' }), {}],
  ['sliding 1h every 5m · late by up to 90s · n', sliding('1h', { every: '5m' }), { allowedLateness: '90s' }],
  ['session 30m · n', session('30m'), {}],
  ['session with a gap by record · n', session((event: Event) => event.at), {}],
  ['calendar day in Europe/Berlin · n', calendar('day', { timeZone: 'Europe/Berlin' }), {}],
  ['count 100 every 10 · n', countWindow(100, { every: 10 }), {}],
  [
    'global · fires every 10s or after 5 records · n',
    globalWindow(),
    { trigger: trigger.any(trigger.every('10s'), trigger.count(5)) },
  ],
  [
    'tumbling 1m · early after 10 records, late every 1s · discarding panes · late by up to 1h · late to late · n',
    tumbling('1m'),
    {
      trigger: [early.count(10), late.every('1s')],
      panes: 'discarding',
      allowedLateness: '1h',
      lateOutput: sideOutput<Event>('late'),
    },
  ],
])('a window: %s', (expected, windower, options) => {
  const parts = (text: string) => text.split(' · ').sort()
  expect(parts(windowOf(windower, options))).toEqual(parts(expected))
})

test('sources: where, how disordered, how they wait', () => {
  const said = (options: object) =>
    describeOperator({ kind: 'source', ...generator.source({ generate: () => 1, count: 1, ...options }) })
  expect(said({})).toEqual(['generator'])
  expect(said({ outOfOrderness: '5s', idleness: 500, alignment: { group: 'shop', maxDrift: '1m' } })).toEqual([
    'generator',
    'up to 5s out of order',
    'idle after 500ms',
    'at most 1m ahead in shop',
  ])
  expect(said({ watermark: 'atEnd' })).toEqual(['generator', 'watermark at the end'])
  expect(said({ watermark: { from: () => 1 } })).toEqual(['generator', 'watermark from records'])
})

test('what others keep, join and bound', () => {
  expect(saidOf((events) => events.map((event) => event))).toBe('')
  expect(saidOf((events) => events.filter(() => true, { onError: 'skip' }))).toBe('skips bad records')
  expect(saidOf((events) => events.throttle({ records: 100, per: '1s' }))).toBe('records 100 · per 1s')
  const seen = { seen: state.value<number>(), names: state.list<string>({ ttl: '1h' }) }
  expect(saidOf((_, keyed) => keyed.process({ state: seen, onRecord: (event) => [event] }))).toBe('state seen, names')
  expect(saidOf((_, keyed) => keyed.intervalJoin(keyed, { from: '-5s', to: '1m', kind: 'left' }))).toBe(
    'left · from -5s · to 1m',
  )
  expect(saidOf((_, keyed) => keyed.join(keyed, { ttl: '1h' }))).toBe('inner · ttl 1h')
  expect(
    describeOperator({ kind: 'join', options: { kind: 'full', ttlMs: null, inputs: ['records', 'changelog'] } }),
  ).toEqual(['full', 'of records and changelog'])
  expect(saidOf((_, keyed) => keyed.windowJoin(keyed, tumbling('1m')))).toBe('inner · tumbling 1m')
})

test('what says most comes first, in whatever order a database has put the options', () => {
  const options = { toMs: 5_000, kind: 'left', fromMs: -5_000, onError: 'fail' }
  expect(describeOperator({ kind: 'intervalJoin', options })).toEqual(['left', 'from -5s', 'to 5s'])
})

test('an option that nobody knows here is told by its name', () => {
  const options = { strangeMs: 1_500, brandNew: true, off: false, none: null, list: ['a', 'b'] }
  expect(describeOperator({ kind: 'later', options })).toEqual(['strange 1500ms', 'brand new', 'list a, b'])
})
