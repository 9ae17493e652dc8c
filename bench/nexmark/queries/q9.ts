import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'
import { winningBids } from '../winning-bids.ts'

/** Every auction with its winning bid. */
export default job('nexmark-q9', (flow) => {
  winningBids(nexmark(flow))
    .map(({ auction, bid }) => ({
      ...auction,
      auction: bid.auction,
      bidder: bid.bidder,
      price: bid.price,
      bidDateTime: bid.dateTime,
      bidExtra: bid.extra,
    }))
    .sinkTo(results({ key: ({ id }) => `${id}` }))
})
