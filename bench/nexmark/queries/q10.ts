import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** A log of all bids, in folders by day and minute where the results are files. */
export default job('nexmark-q10', (flow) => {
  nexmark(flow)
    .bids.map(({ auction, bidder, price, dateTime, extra }) => ({
      auction,
      bidder,
      price,
      dateTime,
      extra,
      dt: dateTime.slice(0, 10),
      hm: dateTime.slice(11, 16),
    }))
    .sinkTo(results({ folder: ({ dt, hm }) => `dt=${dt}/hm=${hm.replace(':', '-')}` }))
})
