import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { commandPageText } from './page-text.ts'

const page = fileURLToPath(new URL('../../../../../docs/reference/cli.md', import.meta.url))
writeFileSync(page, await commandPageText())
console.log('Wrote docs/reference/cli.md')
