import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { javaMessagesFile } from '../../../testing/java-messages.ts'
import { generatedFiles, generatedFolder } from './generate.ts'
import { writtenByJava } from './java-messages.ts'
import { takeDefinitions } from './take-definitions.ts'

/**
 * `npm run generate`: writes the codecs anew. With `--from <folder of Kafka's jars>` it takes over the definitions of
 * another release before.
 */
const from = process.argv.indexOf('--from')
if (from > 0) {
  const jars = process.argv[from + 1] ?? ''
  await takeDefinitions(jars)
  await mkdir(dirname(javaMessagesFile), { recursive: true })
  const messages = writtenByJava(jars).map((message) => JSON.stringify(message))
  await writeFile(javaMessagesFile, `[\n${messages.join(',\n')}\n]\n`)
}
await rm(generatedFolder, { recursive: true, force: true })
await mkdir(generatedFolder, { recursive: true })
for (const [path, source] of generatedFiles()) await writeFile(join(generatedFolder, path), source)
