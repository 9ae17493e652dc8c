import { timestamp, type ChangelogStream } from 'lightflus'
import type { Auction, Bid } from './events.ts'
import type { Nexmark } from './nexmark.ts'

/** Each auction with the highest bid of its time, the earliest of equal ones: taken back when there is a higher one. */
export function winningBids({
  auctions,
  bids,
}: Nexmark): ChangelogStream<{ readonly auction: Auction; readonly bid: Bid }> {
  return auctions
    .keyBy((auction) => auction.id)
    .join(
      bids.keyBy((bid) => bid.auction),
      { name: 'bids-on-auctions', combine: (auction, bid) => ({ auction, bid }) },
    )
    .filter(({ auction, bid }) => auction.dateTime <= bid.dateTime && bid.dateTime <= auction.expires)
    .keyBy(({ auction }) => auction.id)
    .topN(1, { name: 'winning-bids', by: ({ bid }) => [bid.price, -timestamp(bid.dateTime)] })
    .map(({ value }) => value)
}
