import { job, timestamp } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** The ten highest bids on every auction. */
export default job('nexmark-q19', (flow) => {
  nexmark(flow)
    .bids.keyBy((bid) => bid.auction)
    .topN(10, { name: 'highest-bids', by: ({ price, dateTime }) => [price, -timestamp(dateTime)] })
    .map(({ value, rank }) => ({ ...value, rank }))
    .sinkTo(results({ key: ({ auction, rank }) => `${auction}/${rank}` }))
})
