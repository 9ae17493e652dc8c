import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** Selection: the bids on some auctions. */
export default job('nexmark-q2', (flow) => {
  nexmark(flow)
    .bids.filter(({ auction }) => auction % 123 === 0)
    .map(({ auction, price }) => ({ auction, price }))
    .sinkTo(results())
})
