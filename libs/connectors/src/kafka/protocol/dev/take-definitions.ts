import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ErrorDefinition } from './errors-source.ts'
import { textsIn } from './jar-file.ts'
import { definitionsFolder } from './message-definition.ts'
import { wantedByTests, wantedMessages } from './wanted-messages.ts'

const run = promisify(execFile)

/** What a release of Kafka defines: text by the name of its file in `definitions`. Needs Java. */
export async function definitionsIn(jarsFolder: string): Promise<Map<string, string>> {
  const [jar] = globSync('kafka-clients-*.jar', { cwd: jarsFolder })
  if (!jar) throw new Error(`there is no kafka-clients-<version>.jar in '${jarsFolder}'`)
  const names = Object.keys({ ...wantedMessages, ...wantedByTests }).flatMap((name) => [
    `${name}Request.json`,
    `${name}Response.json`,
  ])
  const texts = textsIn(
    join(jarsFolder, jar),
    names.map((name) => `common/message/${name}`),
  )
  const files = new Map(names.map((name, at) => [name, texts[at]!]))
  // Its `main` prints the table of Kafka's documentation.
  const java = ['-cp', join(jarsFolder, '*'), 'org.apache.kafka.common.protocol.Errors']
  const { stdout } = await run('java', java, { maxBuffer: 1024 * 1024 })
  files.set('errors.json', `${JSON.stringify(errorsIn(stdout), null, 2)}\n`)
  return files
}

function errorsIn(html: string): ErrorDefinition[] {
  const row = /<td>(\w+)<\/td><td>(-?\d+)<\/td><td>(True|False)<\/td>/g
  const errors = [...html.matchAll(row)].map(([, name, code, retriable]) => ({
    name: name!,
    code: Number(code),
    retriable: retriable === 'True',
  }))
  if (errors.length < 100) throw new Error(`only ${errors.length} errors are in the table of Kafka's client library`)
  return errors
}

/** Writes them over those that are here. */
export async function takeDefinitions(jarsFolder: string): Promise<void> {
  for (const [name, text] of await definitionsIn(jarsFolder)) await writeFile(join(definitionsFolder, name), text)
}
