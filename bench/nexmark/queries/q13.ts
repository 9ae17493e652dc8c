import { generator, job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'
import { sides } from '../side-input.ts'

/** Every bid with a row of a small table, which has been valid since ever. */
export default job('nexmark-q13', (flow) => {
  const { bids } = nexmark(flow)
  const table = generator.source({ generate: (row) => sides[row]!, count: sides.length, eventTime: () => 0 })
  bids
    .keyBy((bid) => bid.auction % sides.length)
    .temporalJoin(
      flow.source(table, { name: 'sides' }).keyBy((side) => side.key),
      {
        name: 'with-side',
        combine: ({ auction, bidder, price, dateTime }, { value }) => ({ auction, bidder, price, dateTime, value }),
      },
    )
    .sinkTo(results())
})
