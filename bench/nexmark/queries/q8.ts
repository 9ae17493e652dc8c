import { count, job, tumbling } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

/** Who has joined and opened an auction within the same ten seconds? */
export default job('nexmark-q8', (flow) => {
  const { auctions, persons } = nexmark(flow)
  const sellers = auctions
    .keyBy((auction) => auction.seller)
    .window(tumbling('10s'), { name: 'auctions-per-seller' })
    .aggregate({ auctions: count() })
  persons
    .keyBy((person) => person.id)
    .windowJoin(
      sellers.keyBy((seller) => seller.key),
      tumbling('10s'),
      { name: 'new-sellers', combine: ({ id, name }, { window }) => ({ id, name, starttime: window.start }) },
    )
    .sinkTo(results())
})
