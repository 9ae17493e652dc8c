import type { OperatorDefinition } from '@lightflus/api'
import { statelessOperator, type Operator } from '../operators/operator.ts'
import { maxWatermark, minWatermark, type StreamElement } from '../record.ts'
import { ChainWatermarks } from './chain-watermarks.ts'
import { ExchangeOutput } from './exchange-output.ts'
import { createOperatorMetrics } from './metrics.ts'
import type { ChainMember, InnerMember, MemberOutputs } from './running-chain.ts'

// Goal: in `root → (own → below ⇒, beside ⇒)` what stands below `own` gets its watermark, and what stands beside the root's.

function chain(own: { watermark: number }) {
  const seen: string[] = []
  const member = (id: string, operator: Partial<Operator> = {}): InnerMember => ({
    definition: { node: { id } } as OperatorDefinition,
    metrics: createOperatorMetrics(id),
    failures: undefined!,
    operator: { ...statelessOperator(() => {}), ...operator },
  })
  const root = member('root')
  const making = member('own', {
    outputWatermark: (incoming) => (incoming === maxWatermark ? incoming : own.watermark),
  })
  const [below, beside] = [member('below'), member('beside')]
  const exchange = (name: string) => {
    const send = (element: StreamElement) => {
      if (element.kind === 'watermark') seen.push(`${name}⇒ ${textOf(element.timestamp)}${element.idle ? ' idle' : ''}`)
    }
    return new ExchangeOutput([{ send }], 'keyed', 0)
  }
  const takers = (consumers: InnerMember[], exchanges: ExchangeOutput[] = []): MemberOutputs =>
    new Map([[undefined, { consumers, exchanges }]])
  const outputs = new Map<ChainMember, MemberOutputs>([
    [root, takers([making, beside])],
    [making, takers([below])],
    [below, takers([], [exchange('below')])],
    [beside, takers([], [exchange('beside')])],
  ])
  const members = [root, making, below, beside]
  const watermarks = new ChainWatermarks(members, outputs, ({ definition }, watermark) => {
    seen.push(`${definition.node.id} ${textOf(watermark)}`)
  })
  return { watermarks, metrics: () => members.map(({ metrics }) => metrics.watermark), seen: () => seen.splice(0) }
}

const textOf = (watermark: number) =>
  watermark === maxWatermark ? 'max' : watermark === minWatermark ? 'min' : String(watermark)

test('an operator’s own watermark goes to what follows it, that of the root to the others', async () => {
  const own = { watermark: minWatermark }
  const { watermarks, metrics, seen } = chain(own)
  await watermarks.pass(5, false)
  expect(seen()).toEqual(['root 5', 'own 5', 'beside 5', 'beside⇒ 5'])
  own.watermark = 3
  await watermarks.passOwn()
  expect(seen()).toEqual(['below 3', 'below⇒ 3'])
  own.watermark = 9
  await watermarks.pass(6, false)
  expect(seen()).toEqual(['root 6', 'own 6', 'below 9', 'below⇒ 9', 'beside 6', 'beside⇒ 6'])
  expect(metrics()).toEqual([6, 9, 9, 6])
})

test('nothing goes back, nothing is told twice, and the last one goes everywhere', async () => {
  const own = { watermark: 7 }
  const { watermarks, metrics, seen } = chain(own)
  await watermarks.pass(5, false)
  seen()
  own.watermark = 4
  expect(watermarks.passOwn()).toBeUndefined()
  await watermarks.pass(5, false)
  await watermarks.pass(4, false)
  expect(seen()).toEqual([])
  await watermarks.pass(maxWatermark, false)
  expect(seen()).toEqual(['root max', 'own max', 'below max', 'below⇒ max', 'beside max', 'beside⇒ max'])
  expect(metrics()).toEqual([5, 7, 7, 5])
})

test('idleness goes to all, also where no watermark is known, and so does its end', async () => {
  const { watermarks, seen } = chain({ watermark: 3 })
  await watermarks.pass(minWatermark, true)
  expect(seen()).toEqual(['below 3', 'below⇒ 3 idle', 'beside⇒ min idle'])
  await watermarks.pass(minWatermark, false)
  expect(seen()).toEqual(['below⇒ 3', 'beside⇒ min'])
})
