/**
 * The events of Nexmark, an auction house, in the wire form of nexmark-flink's Kafka source: one JSON object an event,
 * of whose three rows one is there. Times are texts such as `2026-01-01 00:00:09.999`, UTC: of one length, so that their
 * order as texts is that in time.
 */
export type NexmarkEvent =
  | { readonly event_type: 0; readonly person: Person; readonly auction: null; readonly bid: null }
  | { readonly event_type: 1; readonly person: null; readonly auction: Auction; readonly bid: null }
  | { readonly event_type: 2; readonly person: null; readonly auction: null; readonly bid: Bid }

/** Somebody who sells and bids. */
export interface Person {
  readonly id: number
  readonly name: string
  readonly emailAddress: string
  readonly creditCard: string
  readonly city: string
  readonly state: string
  readonly dateTime: string
  /** Makes the event as large as a real one. */
  readonly extra: string
}

/** Something for sale. */
export interface Auction {
  readonly id: number
  readonly itemName: string
  readonly description: string
  readonly initialBid: number
  readonly reserve: number
  readonly dateTime: string
  /** Bids up to this moment, included, count. */
  readonly expires: string
  /** A person's id. */
  readonly seller: number
  readonly category: number
  readonly extra: string
}

/** What somebody would pay. */
export interface Bid {
  /** An auction's id; the auction may only come later. */
  readonly auction: number
  /** A person's id. */
  readonly bidder: number
  readonly price: number
  readonly channel: string
  readonly url: string
  readonly dateTime: string
  readonly extra: string
}

export const dateTimeText = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ')

/** `2026-01-01` */
export const dayText = (ms: number): string => dateTimeText(ms).slice(0, 10)
