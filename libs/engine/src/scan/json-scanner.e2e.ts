import { browserArguments, browserPath } from '@lightflus/testing/services'
import { build } from 'esbuild'
import { chromium, type Browser } from 'playwright-core'
import { scannedHere } from './testing/scanned-here.ts'

// Goal: the scanner works in a browser as it does here, and stays away where a page forbids what it needs.

const script = `
import { scannedHere } from './testing/scanned-here.ts'
globalThis.scannedHere = scannedHere`

let browser: Browser
let bundle: string
beforeAll(async () => {
  const stdin = { contents: script, resolveDir: import.meta.dirname, sourcefile: 'page.ts', loader: 'ts' as const }
  const { outputFiles } = await build({
    ...{ stdin, bundle: true, write: false, format: 'iife', platform: 'browser', target: 'es2024', logLevel: 'silent' },
    conditions: ['@lf/source'],
  })
  bundle = outputFiles[0].text
  browser = await chromium.launch({ executablePath: browserPath(), args: browserArguments() })
})
afterAll(() => browser.close())

async function scannedInPage(policy: string): Promise<unknown> {
  const page = await browser.newPage()
  const headers = { 'content-type': 'text/html', 'content-security-policy': policy }
  await page.route('**/*', (route) => route.fulfill({ headers, body: `<script>${bundle}</script>` }))
  await page.goto('http://page.example/')
  return await page.evaluate('scannedHere()')
}

test.each([
  ['nothing is forbidden', "script-src 'unsafe-inline' 'unsafe-eval'", true],
  ['code must not be made of text', "script-src 'unsafe-inline' 'wasm-unsafe-eval'", true],
  ['WebAssembly is forbidden', "script-src 'unsafe-inline'", false],
])('where %s', async (_, policy, isThere) => {
  expect(await scannedInPage(policy)).toEqual(isThere ? scannedHere() : null)
})
