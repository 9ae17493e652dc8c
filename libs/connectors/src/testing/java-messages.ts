import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JavaMessage } from '../kafka/protocol/dev/java-messages.ts'

export const javaMessagesFile = join(import.meta.dirname, 'generated', 'java-messages.json')

let all: readonly JavaMessage[] | undefined

/** Messages that Kafka's own client wrote: `npm run generate -- --from` takes them. */
export function javaMessages(name: string, version: number): JavaMessage[] {
  all ??= JSON.parse(readFileSync(javaMessagesFile, 'utf8')) as JavaMessage[]
  return all.filter((message) => message.name === name && message.version === version)
}
