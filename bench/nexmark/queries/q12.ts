import { count, job, tumbling } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** How many bids did each bidder make in every ten seconds of the worker's clock? */
export default job('nexmark-q12', (flow) => {
  nexmark(flow)
    .bids.keyBy((bid) => bid.bidder)
    .window(tumbling('10s', { time: 'processing' }), { name: 'bids-per-bidder' })
    .aggregate({ bidCount: count() })
    .map(({ key, bidCount, window }) => ({ bidder: key, bidCount, starttime: window.start, endtime: window.end }))
    .sinkTo(results())
})
