import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { anyMessage, wireForm } from '../../../testing/kafka-messages.ts'
import { messageDefinition } from './message-definition.ts'
import { wantedByTests, wantedMessages } from './wanted-messages.ts'

/** A message in the JSON of Kafka's own client, and as that client writes it. */
export interface JavaMessage {
  readonly name: string
  readonly version: number
  readonly json: unknown
  readonly hex: string
}

const examplesOfEach = 3

/** A few messages of each kind and version, written by Kafka's own client. Needs a JDK. */
export function writtenByJava(jarsFolder: string): JavaMessage[] {
  const messages = Object.entries({ ...wantedMessages, ...wantedByTests }).flatMap(([api, versions]) =>
    versions.flatMap((version) =>
      [`${api}Request`, `${api}Response`].flatMap((name) => {
        const definition = messageDefinition(name)
        const values = fc.sample(anyMessage(definition, version, 2), { seed: version, numRuns: examplesOfEach })
        return values.map((value) => ({ name, version, json: wireForm(definition, version, value) }))
      }),
    ),
  )
  const input = messages.map(({ name, version, json }) => `${name}\t${version}\t${JSON.stringify(json)}\n`).join('')
  const program = join(import.meta.dirname, 'WriteMessages.java')
  const lines = execFileSync('java', ['-cp', join(jarsFolder, '*'), program], { input, encoding: 'utf8' }).split('\n')
  return messages.map((message, at) => ({ ...message, hex: lines[at]! }))
}
