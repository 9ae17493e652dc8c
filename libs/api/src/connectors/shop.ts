import type { GeneratorContext } from './generator.ts'

/** What a visitor of the made-up shop did. */
export interface ShopEvent {
  readonly type: 'click' | 'order'
  readonly user: string
  readonly item: string
  /** In the shop's currency; 0 for a click. */
  readonly amount: number
  /** ISO 8601. */
  readonly at: string
}

export interface ShopOptions {
  /** How many users; a few of them do most. Default 500. */
  readonly users?: number
  /** Share of events that arrive out of order, up to 4 s behind. Default 0.1. */
  readonly disorder?: number
  /** Share of events that arrive a minute late: later than most jobs wait. Default 0.002. */
  readonly late?: number
  /** Share of records that are cut off in the middle. Default 0.001. */
  readonly malformed?: number
}

const items = [
  'espresso',
  'flat white',
  'filter',
  'croissant',
  'granola',
  'sandwich',
  'cold brew',
  'beans 250 g',
  'beans 1 kg',
  'mug',
]
const prices = [2.4, 3.8, 3.2, 2.6, 5.5, 6.9, 4.1, 9.5, 32, 14]

/** Most weight on low numbers, as with people and goods. */
const skewed = (random: () => number, size: number): number => Math.floor(size * random() ** 3)

/**
 * A generate function of a shop's clicks and orders as JSON text, with what real input brings along: a few busy users,
 * events out of order, some much too late, and the odd malformed record.
 * @example generator.source({ generate: shopEvents(), value: Event, perSecond: 200 })
 */
export function shopEvents(options: ShopOptions = {}): (index: number, context: GeneratorContext) => string {
  const { users = 500, disorder = 0.1, late = 0.002, malformed = 0.001 } = options
  return (_index, { random, time }) => {
    const isOrder = random() < 0.2
    const user = skewed(random, users)
    const item = skewed(random, items.length)
    const amount = isOrder ? Math.round(prices[item]! * (1 + Math.floor(random() * 3)) * 100) / 100 : 0
    const dice = random()
    const behindMs = dice < late ? 60_000 : dice < late + disorder ? random() * 4_000 : random() * 100
    const event: ShopEvent = {
      type: isOrder ? 'order' : 'click',
      user: `user-${user}`,
      item: items[item]!,
      amount,
      at: new Date(time - behindMs).toISOString(),
    }
    const text = JSON.stringify(event)
    return random() < malformed ? text.slice(0, text.length / 2) : text
  }
}
