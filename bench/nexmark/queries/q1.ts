import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

const eurosPerDollar = 0.908

/** Currency conversion: every bid in euros. */
export default job('nexmark-q1', (flow) => {
  nexmark(flow)
    .bids.map(({ auction, bidder, price, dateTime, extra }) => ({
      auction,
      bidder,
      price: price * eurosPerDollar,
      dateTime,
      extra,
    }))
    .sinkTo(results())
})
