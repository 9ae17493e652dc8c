import { job, tumbling } from 'lightflus'
import { greatest } from '../greatest.ts'
import { nexmark, results } from '../nexmark.ts'

/** The highest bid of every ten seconds; all of them where several are equal. */
export default job('nexmark-q7', (flow) => {
  nexmark(flow)
    // Before the window: what a window keeps is made whole.
    .bids.map(({ auction, price, bidder, dateTime, extra }) => ({ auction, price, bidder, dateTime, extra }))
    .window(tumbling('10s'), { name: 'highest-bid' })
    .aggregate({ highest: greatest(({ price }) => price) })
    .flatMap(({ highest }) => highest)
    .sinkTo(results())
})
