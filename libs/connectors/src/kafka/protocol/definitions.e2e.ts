import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mavenFolder, needs } from '@lightflus/testing/services'
import { definitionsFolder } from './dev/message-definition.ts'
import { definitionsIn } from './dev/take-definitions.ts'

needs('kafka')('the definitions of messages and errors', () => {
  it('are those of the Kafka that tests run against', async () => {
    const files = await definitionsIn(await mavenFolder('kafka'))
    for (const [name, text] of files)
      expect([name, readFileSync(join(definitionsFolder, name), 'utf8')]).toEqual([name, text])
    expect(readdirSync(definitionsFolder).sort()).toEqual(['NOTICE', ...files.keys()].sort())
  }, 600_000)
})
