import type { ConnectionInput } from './connection-input.ts'

const plainKafka = /^kafka:\/\/([^\s:@/?#%,]+:\d+(?:,[^\s:@/?#%,]+:\d+)*)$/

/**
 * What a URL of brokers alone says, as the schema would have it; undefined for all else, and for what is wrong. Loading
 * the schemas takes 40 ms and 10 MB, which is much for the commonest way to begin a run.
 */
export function plainConnection(text: string): ConnectionInput | undefined {
  const brokers = plainKafka.exec(text)?.[1]
  return brokers === undefined ? undefined : { kind: 'kafka', options: { brokers: brokers.split(',') } }
}
