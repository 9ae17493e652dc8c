import { avg, calendar, early, job, max, min, sum } from 'lightflus'
import { bidCounts } from '../bid-statistics.ts'
import { dayText } from '../events.ts'
import { nexmark, results } from '../nexmark.ts'

/** Statistics of every auction's bids by day. */
export default job('nexmark-q17', (flow) => {
  nexmark(flow)
    .bids.keyBy((bid) => bid.auction)
    .window(calendar('day'), { name: 'per-auction-and-day', trigger: early.every('10s') })
    .aggregate({
      ...bidCounts,
      minPrice: min(({ price }) => price),
      maxPrice: max(({ price }) => price),
      avgPrice: avg(({ price }) => price),
      sumPrice: sum(({ price }) => price),
    })
    .map(({ key, window, pane: _, ...statistics }) => ({
      auction: key,
      day: dayText(window.start),
      ...statistics,
      avgPrice: Math.trunc(statistics.avgPrice),
    }))
    .sinkTo(results())
})
