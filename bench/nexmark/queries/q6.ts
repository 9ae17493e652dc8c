import { job, state, timestamp } from 'lightflus'
import type { Auction, Bid } from '../events.ts'
import { nexmark, results } from '../nexmark.ts'

interface Sale {
  readonly auction: number
  readonly seller: number
  readonly price: number
  readonly closed: number
}

/** The average price of the last ten auctions that each seller has closed, told at every closing. */
export default job('nexmark-q6', (flow) => {
  const { auctions, bids } = nexmark(flow)
  auctions
    .keyBy((auction) => auction.id)
    .connect(
      bids.keyBy((bid) => bid.auction),
      {
        state: { auction: state.value<Auction>(), bids: state.list<Bid>() },
        onLeft(auction, { state, timers }) {
          state.auction.set(auction)
          timers.setEventTime(timestamp(auction.expires) + 1)
        },
        onRight(bid, { state, timers }) {
          state.bids.add(bid)
          timers.setEventTime(timestamp(bid.dateTime) + 1)
        },
        *onTimer(time, { state }) {
          const auction = state.auction.get()
          const bids = state.bids.get()
          if (auction === undefined) {
            // No auction that had begun by then can come any more.
            state.bids.set(bids.filter(({ dateTime }) => timestamp(dateTime) >= time))
          } else if (time > timestamp(auction.expires)) {
            state.auction.clear()
            state.bids.clear()
            yield* saleOf(auction, bids)
          }
        },
      },
      { name: 'closing' },
    )
    .keyBy((sale) => sale.seller)
    .process(
      {
        state: { closing: state.list<Sale>(), prices: state.list<number>() },
        onRecord(sale, { state, timers }) {
          state.closing.add(sale)
          timers.setEventTime(sale.closed + 1)
        },
        *onTimer(time, { key, state }) {
          const sales = state.closing.get()
          const closed = sales.filter((sale) => sale.closed < time)
          state.closing.set(sales.filter((sale) => sale.closed >= time))
          for (const { price } of closed.sort((a, b) => a.closed - b.closed || a.auction - b.auction)) {
            const prices = [...state.prices.get(), price].slice(-10)
            state.prices.set(prices)
            yield { seller: key, average: Math.trunc(prices.reduce((a, b) => a + b) / prices.length) }
          }
        },
      },
      { name: 'last-ten' },
    )
    .sinkTo(results())
})

/** To the highest bid of its time, if there was one. */
function saleOf({ id, seller, dateTime, expires }: Auction, bids: readonly Bid[]): readonly Sale[] {
  const prices = bids.filter((bid) => dateTime <= bid.dateTime && bid.dateTime <= expires).map(({ price }) => price)
  return prices.length === 0 ? [] : [{ auction: id, seller, price: Math.max(...prices), closed: timestamp(expires) }]
}
