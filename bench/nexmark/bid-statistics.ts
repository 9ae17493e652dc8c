import { count, countIf, distinctCount, where } from 'lightflus'
import type { Bid } from './events.ts'

const isRank1 = ({ price }: Bid): boolean => price < 10_000
const isRank2 = ({ price }: Bid): boolean => price >= 10_000 && price < 1_000_000
const isRank3 = ({ price }: Bid): boolean => price >= 1_000_000
const bidders = distinctCount(({ bidder }: Bid) => bidder)
const auctions = distinctCount(({ auction }: Bid) => auction)

/** How many bids there were, in all and of each rank of price. */
export const bidCounts = {
  totalBids: count(),
  rank1Bids: countIf(isRank1),
  rank2Bids: countIf(isRank2),
  rank3Bids: countIf(isRank3),
}

/** Also by how many bidders, and on how many auctions. */
export const bidStatistics = {
  ...bidCounts,
  totalBidders: bidders,
  rank1Bidders: where(isRank1, bidders),
  rank2Bidders: where(isRank2, bidders),
  rank3Bidders: where(isRank3, bidders),
  totalAuctions: auctions,
  rank1Auctions: where(isRank1, auctions),
  rank2Auctions: where(isRank2, auctions),
  rank3Auctions: where(isRank3, auctions),
}
