import { browserArguments, browserPath } from '@lightflus/testing/services'
import { build } from 'esbuild'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { runInThisPlace } from './testing/browser-job.ts'

// Goal: API and engine need nothing of Node: a whole job runs in a browser's worker, and its results are the same.

const answer = `
import { runInThisPlace } from './testing/browser-job.ts'
runInThisPlace().then((rows) => postMessage({ rows }), (error) => postMessage({ error: String(error && error.stack) }))`

/** As a web page would be built; a module of Node anywhere in it fails the build. */
async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: answer, resolveDir: import.meta.dirname, sourcefile: 'worker.ts', loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    conditions: ['@lf/source'],
    target: 'es2024',
    absWorkingDir: join(import.meta.dirname, '..'),
    logLevel: 'silent',
  })
  return outputFiles[0].text
}

/** The page's part, as text: this package knows no types of a browser. */
const inWorker = (script: string): string => `new Promise((resolve) => {
  const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(script)}], { type: 'text/javascript' })))
  worker.onmessage = ({ data }) => resolve(data)
  worker.onerror = ({ message }) => resolve({ error: message })
})`

test('a job runs in a web worker of Chromium as it does here', async () => {
  const script = await bundled()
  const browser = await chromium.launch({ executablePath: browserPath(), args: browserArguments() })
  try {
    const page = await browser.newPage()
    const answered: unknown = await page.evaluate(inWorker(script))
    const here = await runInThisPlace()
    expect(here[0].length).toBeGreaterThan(100)
    expect(here[1]).toEqual(here[0])
    expect(answered).toEqual({ rows: here })
  } finally {
    await browser.close()
  }
})
