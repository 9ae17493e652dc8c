import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** Every bid on an auction of category 10, with the auction. */
export default job('nexmark-q20', (flow) => {
  const { auctions, bids } = nexmark(flow)
  const chosen = auctions.filter(({ category }) => category === 10).keyBy((auction) => auction.id)
  bids
    .keyBy((bid) => bid.auction)
    .join(chosen, {
      name: 'bids-with-auction',
      combine: (bid, { id: _, dateTime, extra, ...auction }) => ({
        ...bid,
        ...auction,
        auctionDateTime: dateTime,
        auctionExtra: extra,
      }),
    })
    .sinkTo(results())
})
