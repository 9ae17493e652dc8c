import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { graphSchemaText } from './graph-schema.ts'
import { commandPageText } from './page-text.ts'

const pages = { 'cli.md': commandPageText, 'graph.schema.json': graphSchemaText }

for (const [name, text] of Object.entries(pages)) {
  writeFileSync(fileURLToPath(new URL(`../../../../../docs/reference/${name}`, import.meta.url)), await text())
  console.log(`Wrote docs/reference/${name}`)
}
