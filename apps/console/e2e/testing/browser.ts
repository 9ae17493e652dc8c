import { browserArguments, browserPath } from '@lightflus/testing/services'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import type { Scenario } from '../../dev/fixture/platform.ts'

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath(), args: browserArguments() })

export interface OpenPage {
  readonly page: Page
  /** What no page may do: throw, be held up by the security policy, or ask another host for anything. */
  readonly faults: readonly string[]
  readonly close: () => Promise<void>
}

export interface OpenOptions {
  readonly scenario?: Scenario
  readonly context?: BrowserContextOptions
}

/** A page of its own, with nobody's cookies. */
export async function openPage(browser: Browser, url: string, options: OpenOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ baseURL: url, reducedMotion: 'reduce', ...options.context })
  context.setDefaultTimeout(15_000)
  if (options.scenario) await context.addCookies([{ name: 'fixture-scenario', value: options.scenario, url }])
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // Chromium reports every answer that is an error; those are what many of the tests are about.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`asked ${request.url()}`)
  })
  return { page, faults, close: () => context.close() }
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
