import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { generatedPages } from './pages.ts'

for (const { file, text } of generatedPages) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, await text())
  console.log(`Wrote ${relative(process.cwd(), file)}`)
}
