import {
  files,
  generator,
  json,
  kafka,
  table,
  type Flow,
  type SinkDeclaration,
  type SourceDeclaration,
} from 'lightflus'
import { dateTimeOf, timeOf, type Auction, type Bid, type NexmarkEvent, type Person } from './events.ts'
import { nexmarkEvents } from './generator.ts'

/**
 * What the environment says of a run, so that one harness can give every query the same events:
 *
 * | variable           | meaning                                                                             | default     |
 * | ------------------ | ----------------------------------------------------------------------------------- | ----------- |
 * | `NEXMARK_SOURCE`   | `generator`, `files:PATH` or `kafka:TOPIC` (of the connection `nexmark`)             | `generator` |
 * | `NEXMARK_SINK`     | `table`, `files:PATH` or `kafka:TOPIC`                                              | `table`     |
 * | `NEXMARK_EVENTS`   | how many events the generator makes; 0: no end                                      | 100000      |
 * | `NEXMARK_SEED`     | of the generator                                                                    | 42          |
 * | `NEXMARK_BOUNDED`  | `false`: goes on reading at the topic's end                                         | `true`      |
 */
function told(name: string, byDefault: string): string {
  // Where a program is only checked there is no process.
  return globalThis.process?.env[`NEXMARK_${name}`] ?? byDefault
}

/** `files:PATH` → `['files', 'PATH']`. */
function address(name: string, byDefault: string): readonly [kind: string, place: string] {
  const [kind, ...place] = told(name, byDefault).split(':')
  return [kind!, place.join(':')]
}

/** As in nexmark-flink the watermark stays 4 s behind the newest event. */
const time = { eventTime: (event: NexmarkEvent) => timeOf(dateTimeOf(event)), outOfOrderness: '4s' } as const

function eventSource(): SourceDeclaration<NexmarkEvent> {
  const [kind, place] = address('SOURCE', 'generator')
  const value = json<NexmarkEvent>()
  switch (kind) {
    case 'files':
      return files.source({ path: place, value, ...time })
    case 'kafka':
      return kafka.source({
        connection: 'nexmark',
        topic: place,
        value,
        bounded: told('BOUNDED', 'true') === 'true',
        ...time,
      })
    case 'generator': {
      const count = Number(told('EVENTS', '100000'))
      const generate = nexmarkEvents({ seed: Number(told('SEED', '42')) })
      return generator.source({ generate, value, ...(count > 0 ? { count } : {}), partitions: 4, ...time })
    }
    default:
      throw new Error(`NEXMARK_SOURCE: '${kind}' is none of generator, files:PATH, kafka:TOPIC`)
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
  const [kind, place] = address('SINK', 'table')
  switch (kind) {
    case 'files':
      return files.sink<T>({ path: place, ...(folder && { folder }) })
    case 'kafka': {
      const topic = { connection: 'nexmark', topic: place, value: (row: T) => row }
      return key ? kafka.sink<T>({ ...topic, key, changelog: 'upsert' }) : kafka.sink<T>(topic)
    }
    case 'table':
      return key ? table.sink<T>({ key }) : table.sink<T>()
    default:
      throw new Error(`NEXMARK_SINK: '${kind}' is none of table, files:PATH, kafka:TOPIC`)
  }
}

interface Query<T> {
  readonly key?: (row: T) => string
  readonly folder?: (row: T) => string
}
