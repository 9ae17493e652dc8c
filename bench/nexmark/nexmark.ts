import {
  files,
  generator,
  json,
  kafka,
  table,
  timestamp,
  type Flow,
  type SinkDeclaration,
  type SourceDeclaration,
} from 'lightflus'
import type { Auction, Bid, NexmarkEvent, Person } from './events.ts'
import { nexmarkEvents } from './generator.ts'
import { settings } from './settings.ts'

/** As in nexmark-flink the watermark stays 4 s behind the newest event. */
const time = {
  eventTime: ({ person, auction, bid }: NexmarkEvent) => timestamp((bid ?? auction ?? person).dateTime),
  outOfOrderness: '4s',
} as const

function eventSource(): SourceDeclaration<NexmarkEvent> {
  const { source } = settings()
  const value = json<NexmarkEvent>()
  switch (source.kind) {
    case 'generator': {
      const { events, seed } = source
      const generate = nexmarkEvents({ seed })
      return generator.source({ generate, value, partitions: 4, ...(events !== null && { count: events }), ...time })
    }
    case 'files':
      return files.source({ path: source.path, value, ...time })
    case 'parquet':
      return files.source({ path: source.path, format: 'parquet', value: source.value, ...time })
    case 'kafka': {
      const { topic, bounded } = source
      return kafka.source({ connection: 'nexmark', topic, bounded, value, ...time })
    }
  }
}

export type Nexmark = ReturnType<typeof nexmark>

/** The three kinds of event, each a stream of its own. */
export function nexmark(flow: Flow) {
  const events = flow.source(eventSource(), { name: 'events' })
  return {
    get persons() {
      return events.filter((event) => event.event_type === 0).map(({ person }): Person => person)
    },
    get auctions() {
      return events.filter((event) => event.event_type === 1).map(({ auction }): Auction => auction)
    },
    get bids() {
      return events.filter((event) => event.event_type === 2).map(({ bid }): Bid => bid)
    },
  }
}

/** Where a query's rows go. With `key`: rows that come, change and go, told apart by it. */
export function results<T extends object>(query: { readonly key: (row: T) => string }): SinkDeclaration<T, 'changes'>
/** Without: rows, one after the other; in files, in a folder of the row's own where the query says so. */
export function results<T extends object>(query?: {
  readonly folder?: (row: T) => string
}): SinkDeclaration<T, 'inserts'>
export function results<T extends object>({ key, folder }: Query<T> = {}): SinkDeclaration<T> {
  const { sink } = settings()
  switch (sink.kind) {
    case 'table':
      return key ? table.sink<T>({ key }) : table.sink<T>()
    case 'files':
      return files.sink<T>({ path: sink.path, ...(folder && { folder }) })
    case 'kafka': {
      const { topic: name, delivery } = sink
      const topic = { connection: 'nexmark', topic: name, value: (row: T) => row, ...(delivery && { delivery }) }
      return key ? kafka.sink<T>({ ...topic, key, changelog: 'upsert' }) : kafka.sink<T>(topic)
    }
  }
}

interface Query<T> {
  readonly key?: (row: T) => string
  readonly folder?: (row: T) => string
}
