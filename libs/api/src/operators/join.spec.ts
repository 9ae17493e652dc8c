import { expectTypeOf } from 'expect-type'
import {
  ChangelogStream,
  generator,
  job,
  Stream,
  type Flow,
  type Joined,
  type JoinKind,
  type KeyedChangelogStream,
  type KeyedStream,
} from '../index.ts'

interface Bid {
  readonly auction: number
}

/** Builds no job, so that streams may end where they are looked at. */
function withFlow(look: (flow: Flow) => void): void {
  const seen = job('joins', (flow) => {
    look(flow)
    throw new Error('seen')
  })
  expect(() => seen.build()).toThrow('seen')
}

const bids = (flow: Flow): KeyedStream<Bid, number> =>
  flow.source(generator.source({ generate: (auction) => ({ auction }) })).keyBy(({ auction }) => auction)

test('only an inner join of records is a stream of records', () => {
  withFlow((flow) => {
    const inner = bids(flow).join(bids(flow))
    expectTypeOf(inner).toEqualTypeOf<Stream<Joined<Bid, Bid, 'inner'>>>()
    expect(inner).toBeInstanceOf(Stream)

    const left = bids(flow).join(bids(flow), { kind: 'left' })
    expectTypeOf(left).toEqualTypeOf<ChangelogStream<Joined<Bid, Bid, 'left'>>>()
    expect(left).toBeInstanceOf(ChangelogStream)

    const changing = bids(flow)
      .deduplicate({ keep: 'last' })
      .keyBy(({ auction }) => auction)
    const changed = bids(flow).join(changing, { combine: ({ auction }) => auction })
    expectTypeOf(changed).toEqualTypeOf<ChangelogStream<number>>()
    expect(changed).toBeInstanceOf(ChangelogStream)
  })
})

test('what is known only when the graph is built may be either', () => {
  withFlow((flow) => {
    const kind = 'inner' as JoinKind
    const joined = bids(flow).join(bids(flow), { kind, combine: () => 1 })
    expectTypeOf(joined).toEqualTypeOf<Stream<number> | ChangelogStream<number>>()
    expect(joined).toBeInstanceOf(Stream)

    const right = bids(flow) as KeyedStream<Bid, number> | KeyedChangelogStream<Bid, number>
    const either = bids(flow).join(right, { combine: () => 1 })
    expectTypeOf(either).toEqualTypeOf<Stream<number> | ChangelogStream<number>>()
  })
})
