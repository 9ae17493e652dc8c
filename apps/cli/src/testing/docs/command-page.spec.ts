import { readFileSync } from 'node:fs'
import { commandPageText } from './page-text.ts'

// Goal: the reference page never says other than the command does.

it('docs/reference/cli.md is what the commands make of it; otherwise run `npm run docs`', async () => {
  const page = readFileSync(new URL('../../../../../docs/reference/cli.md', import.meta.url), 'utf8')
  expect(page).toBe(await commandPageText())
})
