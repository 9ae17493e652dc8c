import { dateTimeText } from './events.ts'
import { EventRandom } from './event-random.ts'

export interface NexmarkOptions {
  /** Another seed makes other events. Default 42. */
  readonly seed?: number
  /** Events in a second of event time. Default 10,000. */
  readonly perSecond?: number
  /** Event time of event 0, milliseconds since the epoch. Default 2026-01-01T00:00Z. */
  readonly base?: number
  /** Up to so much is taken off the time of each event, milliseconds. Default 0: events come in the order of their times. */
  readonly disorderMs?: number
}

/** Of 50 events in a row the first is a person, the next three are auctions, the others bids. */
const cycle = 50
const auctionsInCycle = 3
const firstId = 1_000
/** Everything that comes often refers to the newest of every so many. */
const hotEvery = 100
const activePersons = 1_000
const openAuctions = 100
/** Bids and auctions also refer to so many persons and auctions that only come later. */
const idLead = 10
const categories = 5

const firstNames = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter']
const lastNames = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris']
const cities = [
  'Phoenix',
  'Los Angeles',
  'San Francisco',
  'Boise',
  'Portland',
  'Bend',
  'Redmond',
  'Seattle',
  'Kent',
  'Cheyenne',
]
const states = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY']
const hotChannels = ['Google', 'Facebook', 'Baidu', 'Apple']

/** Number of the newest person at event n. */
const lastPerson = (n: number): number => Math.floor(n / cycle)

/** Number of the newest auction at event n; -1 before the first. */
function lastAuction(n: number): number {
  const place = n % cycle
  const before = Math.floor(n / cycle) * auctionsInCycle
  return before + Math.min(place, auctionsInCycle) - 1
}

const newestHot = (last: number): number => Math.floor(last / hotEvery) * hotEvery

/**
 * Nexmark's events as JSON text, by their numbers from 0. Event n depends on the options and on n alone, so any range
 * can be made by itself; proportions, hot keys and sizes are nexmark-flink's.
 */
export function nexmarkEvents(options: NexmarkOptions = {}): (n: number) => string {
  const { seed = 42, perSecond = 10_000, base = Date.UTC(2026, 0, 1), disorderMs = 0 } = options
  const random = new EventRandom(seed)
  const expiresWithinMs = Math.max(2, Math.floor(2_000_000 / perSecond))

  const anyPerson = (n: number): number => {
    const persons = lastPerson(n) + 1
    const active = Math.min(persons, activePersons)
    return persons - active + random.below(active + idLead)
  }
  const anyAuction = (n: number): number => {
    const last = lastAuction(n)
    const first = Math.max(last - openAuctions, 0)
    return first + random.below(last - first + 1 + idLead)
  }

  // The order in which numbers are drawn is part of the format: every event of a seed depends on it.
  const person = (n: number, dateTime: string): string => {
    const name = `${random.of(firstNames)} ${random.of(lastNames)}`
    const emailAddress = `${random.text(7).replaceAll(' ', '')}@${random.text(5).replaceAll(' ', '')}.com`
    const creditCard = `${random.digits()} ${random.digits()} ${random.digits()} ${random.digits()}`
    const city = random.of(cities)
    const state = random.of(states)
    const size = 16 + name.length + emailAddress.length + creditCard.length + city.length + state.length
    return `{"id":${firstId + lastPerson(n)},"name":"${name}","emailAddress":"${emailAddress}","creditCard":"${creditCard}","city":"${city}","state":"${state}","dateTime":"${dateTime}","extra":"${random.filling(200, size)}"}`
  }

  const auction = (n: number, time: number, dateTime: string): string => {
    const itemName = random.text(1 + random.below(20))
    const description = random.text(1 + random.below(100))
    const initialBid = random.price()
    const reserve = initialBid + random.price()
    const expires = dateTimeText(time + 1 + random.below(expiresWithinMs))
    const seller = firstId + (random.below(4) > 0 ? newestHot(lastPerson(n)) : anyPerson(n))
    const category = 10 + random.below(categories)
    const size = 56 + itemName.length + description.length
    return `{"id":${firstId + lastAuction(n)},"itemName":"${itemName}","description":"${description}","initialBid":${initialBid},"reserve":${reserve},"dateTime":"${dateTime}","expires":"${expires}","seller":${seller},"category":${category},"extra":"${random.filling(500, size)}"}`
  }

  const bid = (n: number, dateTime: string): string => {
    const auction = firstId + (random.below(2) > 0 ? newestHot(lastAuction(n)) : anyAuction(n))
    const bidder = firstId + (random.below(4) > 0 ? newestHot(lastPerson(n)) + 1 : anyPerson(n))
    const price = random.price()
    const channel = random.below(2) > 0 ? random.of(hotChannels) : `channel-${random.below(10_000)}`
    const path = `${random.text(5).replaceAll(' ', '_')}/${random.text(5).replaceAll(' ', '_')}`
    const url = `https://www.nexmark.com/${path}/item.htm?query=1&channel_id=${random.below(1 << 24)}`
    return `{"auction":${auction},"bidder":${bidder},"price":${price},"channel":"${channel}","url":"${url}","dateTime":"${dateTime}","extra":"${random.filling(100, 32)}"}`
  }

  return (n) => {
    random.begin(n)
    const due = base + Math.floor((n * 1_000) / perSecond)
    const time = disorderMs === 0 ? due : due - random.below(disorderMs + 1)
    const dateTime = dateTimeText(time)
    const place = n % cycle
    if (place === 0) return `{"event_type":0,"person":${person(n, dateTime)},"auction":null,"bid":null}`
    if (place <= auctionsInCycle)
      return `{"event_type":1,"person":null,"auction":${auction(n, time, dateTime)},"bid":null}`
    return `{"event_type":2,"person":null,"auction":null,"bid":${bid(n, dateTime)}}`
  }
}
