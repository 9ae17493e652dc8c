import { count, job, tumbling } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** Query 12 by the time of the bids, so that its results depend on nothing but them. */
export default job('nexmark-q12e', (flow) => {
  nexmark(flow)
    .bids.keyBy((bid) => bid.bidder)
    .window(tumbling('10s'), { name: 'bids-per-bidder' })
    .aggregate({ bidCount: count() })
    .map(({ key, bidCount, window }) => ({ bidder: key, bidCount, starttime: window.start, endtime: window.end }))
    .sinkTo(results())
})
