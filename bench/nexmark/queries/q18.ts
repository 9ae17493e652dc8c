import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** The last bid of every bidder on every auction. */
export default job('nexmark-q18', (flow) => {
  nexmark(flow)
    .bids.keyBy(({ bidder, auction }) => `${bidder}/${auction}`)
    .topN(1, { name: 'last-bid', by: ({ dateTime, price }) => [dateTime, price] })
    .map(({ value }) => value)
    .sinkTo(results({ key: ({ bidder, auction }) => `${bidder}/${auction}` }))
})
