import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** Calculation by functions of one's own. */
export default job('nexmark-q14', (flow) => {
  nexmark(flow)
    .bids.filter(({ price }) => 0.908 * price > 1_000_000 && 0.908 * price < 50_000_000)
    .map(({ auction, bidder, price, dateTime, extra }) => ({
      auction,
      bidder,
      price: 0.908 * price,
      bidTimeType: timeOfDay(Number(dateTime.slice(11, 13))),
      dateTime,
      extra,
      cCounts: extra.split('c').length - 1,
    }))
    .sinkTo(results())
})

function timeOfDay(hour: number): 'dayTime' | 'nightTime' | 'otherTime' {
  if (hour >= 8 && hour <= 18) return 'dayTime'
  return hour <= 6 || hour >= 20 ? 'nightTime' : 'otherTime'
}
