import { calendar, early, job, max, timestamp } from 'lightflus'
import { bidStatistics } from '../bid-statistics.ts'
import { dateTimeText, dayText } from '../events.ts'
import { nexmark, results } from '../nexmark.ts'

/** The same for every channel, with the minute of its last bid. */
export default job('nexmark-q16', (flow) => {
  nexmark(flow)
    .bids.keyBy((bid) => bid.channel)
    .window(calendar('day'), { name: 'per-channel-and-day', trigger: early.every('10s') })
    .aggregate({ last: max((bid) => timestamp(bid.dateTime)), ...bidStatistics })
    .map(({ key, window, pane: _, last, ...statistics }) => ({
      channel: key,
      day: dayText(window.start),
      minute: dateTimeText(last).slice(11, 16),
      ...statistics,
    }))
    .sinkTo(results())
})
