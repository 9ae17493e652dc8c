/** Goal: the console works on a real platform as it does on the fixture: one job's whole life, by its buttons alone. */
import { freePort, needs, until } from '@lightflus/testing/services'
import type { Browser, Page } from 'playwright-core'
import { launch, openPage, signIn, type OpenPage } from './testing/browser.ts'
import { startPlatform, type RunningPlatform } from './testing/platform.ts'

needs('browser')('the console on a platform', () => {
  let browser: Browser
  let platform: RunningPlatform
  let open: OpenPage
  let page: Page

  beforeAll(async () => {
    ;[browser, platform] = await Promise.all([launch(), startPlatform()])
    open = await openPage(browser, platform.url)
    page = open.page
    page.setDefaultTimeout(30_000)
    await page.goto('/')
    await signIn(page, platform.email, platform.password)
  })
  afterAll(async () => {
    await open?.close()
    await browser?.close()
    await platform?.stop()
  })

  const state = (label: string): Promise<void> =>
    page.getByRole('main').getByText(label, { exact: true }).first().waitFor()
  const rate = async (): Promise<string> =>
    (await page.locator('dl:has-text("Watermark lag") dd').first().textContent()) ?? ''

  test('lists the example with a rate that moves', async () => {
    const cell = page.locator('tr:has-text("shop-live") td:nth-child(3)')
    const before = await until(async () => /\d.*\/s/.exec((await cell.textContent()) ?? '')?.[0], { what: 'a rate' })
    await until(async () => (await cell.textContent()) !== before, { what: 'another rate' })
  })

  test('shows its graph, its rates and its results live', async () => {
    await page.getByRole('link', { name: 'shop-live' }).click()
    await page.locator('.react-flow__node', { hasText: 'revenue-per-item' }).waitFor()
    await until(async () => /\d\/s/.test(await rate()), { what: 'a rate' })
    await page.getByRole('tab', { name: 'Results' }).click()
    await page.getByText(/^revenue \(\d+\)$/).click()
    const first = page.locator('tbody tr').first()
    const before = await until(async () => (await first.textContent()) || null, { what: 'a row' })
    await until(async () => (await first.textContent()) !== before, { what: 'another row' })
    await page.getByRole('tab', { name: 'Logs' }).click()
    await page.getByText(/^Attempt 1 starts/).waitFor()
  })

  test('shows the program that it runs', async () => {
    await page.getByRole('tab', { name: 'Versions' }).click()
    await page.getByRole('link', { name: 'Version 1' }).click()
    await page.locator('.hljs-string', { hasText: "'shop-live'" }).first().waitFor()
  })

  test('suspends and resumes it', async () => {
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByRole('button', { name: 'Suspend' }).click()
    await state('Suspended')
    await page.getByRole('button', { name: 'Resume' }).click()
    await state('Running')
    await until(async () => /[1-9].*\/s/.test(await rate()), { what: 'a rate after the resume' })
  })

  test('takes a savepoint of it while it goes on', async () => {
    await page.getByRole('tab', { name: 'Checkpoints' }).click()
    await page.getByRole('button', { name: 'Take a savepoint' }).click()
    // The first is that of the suspension.
    await page.getByText('savepoint', { exact: true }).nth(1).waitFor()
    await state('Running')
  })

  test('stops it, and deploys it with other settings', async () => {
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await page.getByRole('menuitem', { name: /^Stop/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
    await state('Stopped')
    await page.getByRole('button', { name: 'Deploy…' }).click()
    await page.getByLabel('Parallelism').fill('2')
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click()
    await state('Running')
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByText('2 slots').waitFor()
    await page.getByRole('tab', { name: 'Events' }).click()
    await page.getByText('A user asked to stop it.').waitFor()
  })

  test('says what is wrong with a connection', async () => {
    const port = await freePort()
    await page.getByRole('link', { name: 'Connections' }).click()
    await page.getByRole('button', { name: 'Add a connection' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Redis', { exact: true }).click()
    await dialog.getByLabel('Name').fill('cache')
    await dialog.getByLabel('Host').fill('127.0.0.1')
    await dialog.getByLabel('Port').fill(String(port))
    await dialog.getByLabel('Password', { exact: true }).fill('do-not-show')
    await dialog.getByRole('button', { name: 'Add and test' }).click()
    await page.getByText('LF_CONNECTION_REFUSED').waitFor()
    expect(await page.content()).not.toContain('do-not-show')
    await page.getByRole('button', { name: 'More of cache' }).click()
    await page.getByRole('menuitem', { name: 'Delete…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No connection yet').waitFor()
  })

  test('makes an API key that works until it is revoked', async () => {
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('button', { name: 'New API key' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('nightly')
    await page.getByRole('button', { name: 'Make the key' }).click()
    await page.getByRole('button', { name: 'I have kept it' }).waitFor()
    const key = (await page.getByRole('dialog').locator('code').first().textContent()) ?? ''
    const answers = async (): Promise<number> =>
      (await fetch(`${platform.url}/api/v1/jobs`, { headers: { authorization: `Bearer ${key}` } })).status
    expect(await answers()).toBe(200)
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('button', { name: 'Revoke…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('No API key yet').waitFor()
    expect(await answers()).toBe(401)
  })

  test('meters what was used', async () => {
    await page.getByRole('link', { name: 'Usage' }).click()
    await page.getByRole('cell', { name: 'shop-live' }).first().waitFor()
  })

  test('did all that without a fault of a page', () => {
    expect(open.faults).toEqual([])
  })
})
