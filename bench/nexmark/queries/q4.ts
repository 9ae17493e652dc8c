import { avg, job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'
import { winningBids } from '../winning-bids.ts'

/** The average closing price of each category, corrected whenever one of its auctions gets a higher bid. */
export default job('nexmark-q4', (flow) => {
  winningBids(nexmark(flow))
    .keyBy(({ auction }) => auction.category)
    .aggregate({ average: avg(({ bid }) => bid.price) }, { name: 'average-price' })
    .map(({ key, average }) => ({ category: key, average: Math.trunc(average) }))
    .sinkTo(results({ key: ({ category }) => `${category}` }))
})
