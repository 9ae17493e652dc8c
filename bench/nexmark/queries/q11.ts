import { count, job, session } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** How many bids did each bidder make in each session of activity? */
export default job('nexmark-q11', (flow) => {
  nexmark(flow)
    .bids.keyBy((bid) => bid.bidder)
    .window(session('10s'), { name: 'sessions' })
    .aggregate({ bidCount: count() })
    .map(({ key, bidCount, window }) => ({ bidder: key, bidCount, starttime: window.start, endtime: window.end }))
    .sinkTo(results())
})
