import { mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { browserArguments, browserPath } from '@lightflus/testing/services'
import { chromium, type Browser } from 'playwright-core'
import { fixturePassword } from '../fixture/platform.ts'
import { startFixtureServer } from '../fixture/server.ts'
import { stories, type Story } from './stories.ts'

/**
 * Takes a picture of every story, for people to look at: `npm run screenshots -- --out DIR [--only TEXT] [--dark]
 * [--phone]`. Build the console first.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    only: { type: 'string', default: '' },
    dark: { type: 'boolean', default: false },
    phone: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
  },
})

/** Long enough for a second measurement, so that charts have a line. */
const settleMs = 1_600

async function picture(browser: Browser, url: string, story: Story, out: string): Promise<void> {
  const context = await browser.newContext({
    colorScheme: values.dark ? 'dark' : 'light',
    viewport: values.phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  })
  await context.addCookies([{ name: 'fixture-scenario', value: story.scenario, url }])
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(`${story.name}: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      console.error(`${story.name}: ${message.text()}`)
  })
  if (!story.signedOut)
    await context.request.post(`${url}/api/v1/auth/sign-in`, {
      data: { email: 'demo@lightflus.dev', password: fixturePassword },
    })
  await page.goto(`${url}${story.path}`)
  await page.locator('main').waitFor()
  await page.waitForTimeout(settleMs)
  await story.act?.(page)
  await page.waitForTimeout(story.act ? 400 : 0)
  await page.screenshot({
    path: `${out}/${story.name}${values.dark ? '-dark' : ''}${values.phone ? '-phone' : ''}.png`,
    fullPage: values.full,
  })
  await context.close()
}

if (!values.out) throw new Error('Say where the pictures go: --out DIR')
await mkdir(values.out, { recursive: true })
const server = await startFixtureServer()
const browser = await chromium.launch({ executablePath: browserPath(), args: browserArguments() })
try {
  for (const story of stories.filter(({ name }) => name.includes(values.only))) {
    await picture(browser, server.url, story, values.out).catch((error: unknown) =>
      console.error(`${story.name}: ${String(error)}`),
    )
  }
} finally {
  await browser.close()
  await server.close()
}
