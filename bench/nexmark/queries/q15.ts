import { calendar, early, job } from 'lightflus'
import { bidStatistics } from '../bid-statistics.ts'
import { dayText } from '../events.ts'
import { nexmark, results } from '../nexmark.ts'

/** Statistics of every day's bids, shown every ten seconds until the day is over. */
export default job('nexmark-q15', (flow) => {
  nexmark(flow)
    .bids.window(calendar('day'), { name: 'per-day', trigger: early.every('10s') })
    .aggregate(bidStatistics)
    .map(({ window, pane: _, ...statistics }) => ({ day: dayText(window.start), ...statistics }))
    .sinkTo(results())
})
