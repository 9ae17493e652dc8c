import { expectTypeOf } from 'expect-type'
import { generator, job, maxBy, min, table, type Aggregate, type RetractableAggregate, type Stream } from '../index.ts'
import { count } from './count.ts'
import { distinctCount } from './distinct-count.ts'
import { where } from './where.ts'

interface Bid {
  readonly bidder: string
  readonly price: number
}
const bid = (bidder: string, price: number): Bid => ({ bidder, price })
const bids = [bid('a', 1), bid('b', 5), bid('a', 9), bid('c', 2)]
const isCheap = ({ price }: Bid) => price < 5

const over = <Acc, Out>({ create, add, result }: Aggregate<Bid, Acc, Out>, records: readonly Bid[]): Out =>
  result(records.reduce(add, create()))

/** All bids, and all but the first taken back. */
const afterTakingBack = <Acc>({ create, add, retract, result }: RetractableAggregate<Bid, Acc, number>): number =>
  result(bids.slice(1).reduce(retract, bids.reduce(add, create())))

describe('where', () => {
  it('gives what the aggregate gives over the records that pass', () => {
    expect(over(where(isCheap, count()), bids)).toBe(2)
    expect(
      over(
        where(
          isCheap,
          min(({ price }: Bid) => price),
        ),
        bids,
      ),
    ).toBe(1)
    const bidders = where(
      isCheap,
      distinctCount(({ bidder }: Bid) => bidder),
    )
    expect(over(bidders, bids)).toBe(2)
    expect(over(bidders, [bid('a', 9)])).toBe(0)
    expect(bidders.result(bidders.merge(bids.slice(0, 1).reduce(bidders.add, bidders.create()), new Set(['c'])))).toBe(
      2,
    )
  })

  it('takes back only what has passed', () => {
    expect(afterTakingBack(where(isCheap, count()))).toBe(1)
    const bidders = where(
      isCheap,
      distinctCount(({ bidder }: Bid) => bidder),
    )
    expect(afterTakingBack(bidders.overChangelog)).toBe(1)
  })

  it('takes the type of the records from the stream, and no aggregate that is nothing over no record', () => {
    job('bids', (flow) => {
      const keyed = flow.source(generator.source({ generate: () => bids[0] })).keyBy(({ bidder }) => bidder)
      const counts = keyed.aggregate({
        cheap: where(
          ({ price }) => price < 5,
          distinctCount(({ bidder }) => bidder),
        ),
      })
      expectTypeOf(counts).toEqualTypeOf<Stream<{ readonly key: string } & { readonly cheap: number }>>()
      counts.sinkTo(table.sink())
      keyed
        .aggregate({ all: count() }, { emit: 'changelog' })
        .keyBy(({ key }) => key)
        .aggregate({ many: where(({ all }) => all > 5, count()) })
        .changes()
        .sinkTo(table.sink())
    }).build()
    const highest = maxBy(({ price }: Bid) => price)
    // @ts-expect-error: there is no highest bid of none
    where(isCheap, highest)
  })
})
