import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** The parts of every bid's address. */
export default job('nexmark-q22', (flow) => {
  nexmark(flow)
    .bids.map(({ auction, bidder, price, channel, url }) => {
      const [, , , dir1, dir2, dir3] = url.split('/')
      return { auction, bidder, price, channel, dir1, dir2, dir3 }
    })
    .sinkTo(results())
})
