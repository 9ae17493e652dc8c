import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codecSource } from './codec-source.ts'
import { errorsSource, type ErrorDefinition } from './errors-source.ts'
import { definitionsFolder, messageDefinition } from './message-definition.ts'
import { wantedByTests, wantedMessages } from './wanted-messages.ts'

export const generatedFolder = join(import.meta.dirname, '..', 'generated')

/** Every generated file by its path within {@link generatedFolder}. */
export function generatedFiles(): Map<string, string> {
  const files = new Map<string, string>()
  for (const [name, versions] of Object.entries({ ...wantedMessages, ...wantedByTests })) {
    const [request, response] = [messageDefinition(`${name}Request`), messageDefinition(`${name}Response`)]
    files.set(`${fileName(name)}.ts`, codecSource(request, response, versions))
  }
  const errors = JSON.parse(readFileSync(join(definitionsFolder, 'errors.json'), 'utf8')) as ErrorDefinition[]
  files.set('error-definitions.ts', errorsSource(errors))
  return files
}

const fileName = (name: string): string => name.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase()
