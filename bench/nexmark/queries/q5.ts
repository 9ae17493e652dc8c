import { count, job, sliding, tumbling } from 'lightflus'
import { greatest } from '../greatest.ts'
import { nexmark, results } from '../nexmark.ts'

/** Hot items: which auctions had the most bids in the last ten seconds? Told every two. */
export default job('nexmark-q5', (flow) => {
  nexmark(flow)
    .bids.keyBy((bid) => bid.auction)
    .window(sliding('10s', { every: '2s' }), { name: 'bids-per-auction' })
    .aggregate({ num: count() })
    // A result is as old as its window's end: those of windows that end together share a window of two seconds.
    .window(tumbling('2s'), { name: 'hottest' })
    .aggregate({ hottest: greatest(({ num }) => num) })
    .flatMap(({ hottest }) => hottest.map(({ key, num, window }) => ({ auction: key, num, starttime: window.start })))
    .sinkTo(results())
})
