import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** Pass through: what reading and writing cost by themselves. */
export default job('nexmark-q0', (flow) => {
  nexmark(flow)
    .bids.map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price, dateTime, extra }))
    .sinkTo(results())
})
