import type { StandardSchema } from 'lightflus'
import { z } from 'zod'
import type { NexmarkEvent } from './events.ts'

const person = z.object({
  ...{ id: z.number(), name: z.string(), emailAddress: z.string(), creditCard: z.string() },
  ...{ city: z.string(), state: z.string(), dateTime: z.string(), extra: z.string() },
})
const auction = z.object({
  ...{ id: z.number(), itemName: z.string(), description: z.string(), initialBid: z.number(), reserve: z.number() },
  ...{ dateTime: z.string(), expires: z.string(), seller: z.number(), category: z.number(), extra: z.string() },
})
const bid = z.object({
  ...{ auction: z.number(), bidder: z.number(), price: z.number(), channel: z.string(), url: z.string() },
  ...{ dateTime: z.string(), extra: z.string() },
})

/** Rows of the events, for files that need a schema. */
export const eventSchema: StandardSchema<unknown, NexmarkEvent> = z.object({
  event_type: z.number(),
  person: person.nullable(),
  auction: auction.nullable(),
  bid: bid.nullable(),
  // Which of the three is there, types do not say.
}) as StandardSchema<unknown, unknown> as StandardSchema<unknown, NexmarkEvent>
