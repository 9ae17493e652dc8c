import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

const states = ['OR', 'ID', 'CA']

/** Who sells in category 10, in three states? Auctions and persons meet whenever they come. */
export default job('nexmark-q3', (flow) => {
  const { auctions, persons } = nexmark(flow)
  const sellers = persons.filter(({ state }) => states.includes(state)).keyBy((person) => person.id)
  auctions
    .filter(({ category }) => category === 10)
    .keyBy((auction) => auction.seller)
    .join(sellers, {
      name: 'auctions-of-sellers',
      combine: ({ id }, { name, city, state }) => ({ name, city, state, id }),
    })
    .sinkTo(results())
})
