/** Goal: the built console in a real browser does what its pages promise, against the fixture of the API. */
import { needs, until } from '@lightflus/testing/services'
import type { Browser, Page } from 'playwright-core'
import { fixturePassword, type Scenario } from '../dev/fixture/platform.ts'
import { startFixtureServer, type FixtureServer } from '../dev/fixture/server.ts'
import { stories } from '../dev/testing/stories.ts'
import { launch, openPage, signIn, type OpenPage } from './testing/browser.ts'

const email = 'demo@lightflus.dev'

needs('browser')('the console', () => {
  let browser: Browser
  let fixture: FixtureServer
  let open: OpenPage
  let page: Page

  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    fixture = await startFixtureServer()
  })
  afterEach(async () => {
    await open?.close()
    await fixture.close()
  })

  const visit = async (path: string, scenario: Scenario = 'live', signedIn = true): Promise<void> => {
    open = await openPage(browser, fixture.url, { scenario })
    page = open.page
    await page.goto(path)
    if (signedIn) await signIn(page, email, fixturePassword)
  }
  const sees = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor()
  const textOf = async (selector: string): Promise<string> => (await page.locator(selector).first().textContent()) ?? ''
  const path = (): string => new URL(page.url()).pathname + new URL(page.url()).search

  test('refuses a wrong password with its code, and leads back to the page that was asked for', async () => {
    await visit('/usage?span=7d', 'live', false)
    await signIn(page, email, 'wrong')
    await sees('LF_CREDENTIALS_WRONG')
    await signIn(page, email, fixturePassword)
    await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor()
    expect(path()).toBe('/usage?span=7d')
    expect(open.faults).toEqual([])
  })

  test('keeps the session over a reload by the cookie alone: no token is in reach of a script', async () => {
    await visit('/jobs')
    await sees('clickstream-sessions')
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie)
    expect(kept).not.toContain('fixture-refresh')
    expect(kept).not.toMatch(/fixture-[0-9a-f-]{36}/)
    await page.reload()
    await sees('clickstream-sessions')
  })

  test('renews a token that was refused, without anybody noticing', async () => {
    await visit('/jobs')
    await sees('clickstream-sessions')
    fixture.expireTokens()
    await page.getByRole('link', { name: 'Connections' }).click()
    await sees('shop-db')
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('signs out in every tab', async () => {
    await visit('/jobs')
    const other = await page.context().newPage()
    await other.goto('/connections')
    await other.getByText('shop-db').waitFor()
    await page.getByRole('button', { name: /^Account of/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Lightflus' }).waitFor()
    await other.getByRole('heading', { name: 'Sign in to Lightflus' }).waitFor()
  })

  test('lists jobs with rates that move, and keeps its filter in the address', async () => {
    await visit('/jobs')
    const cell = 'tr:has-text("clickstream-sessions") td:nth-child(3)'
    const before = await until(async () => (await textOf(cell)) || null, { what: 'a rate' })
    expect(before).toMatch(/^[\d.]+k\/s$/)
    await until(async () => (await textOf(cell)) !== before, { what: 'another rate' })
    await page.keyboard.press('/')
    await page.keyboard.type('fraud')
    await until(() => path() === '/jobs?q=fraud', { what: 'the filter in the address' })
    expect(await page.locator('tbody tr').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByText('Attention', { exact: false }).click()
    await until(() => path() === '/jobs?show=attention', { what: 'the group in the address' })
    expect(await page.locator('tbody tr').count()).toBe(2)
  })

  test('shows a job live: graph, rates, chart', async () => {
    await visit('/jobs/shop-live')
    await page.locator('.react-flow__node').first().waitFor()
    expect(await page.locator('.react-flow__node').count()).toBe(9)
    await page.locator('.uplot canvas').waitFor()
    const rate = 'dl:has-text("Watermark lag") dd'
    const before = await until(async () => /^[\d.]+\/s$/.exec(await textOf(rate))?.[0], { what: 'a rate' })
    await until(async () => (await textOf(rate)) !== before, { what: 'another rate' })
    await page.locator('.react-flow__node', { hasText: 'revenue-per-item' }).click()
    await page.getByRole('region', { name: 'revenue-per-item' }).waitFor()
    expect(path()).toBe('/jobs/shop-live?operator=revenue-per-item')
    expect(open.faults).toEqual([])
  })

  test('says that the line is lost, and goes on by itself when it is back', async () => {
    await visit('/jobs/shop-live')
    await page.getByText('Live', { exact: true }).waitFor()
    fixture.setLiveDown(true)
    await sees(/The line to the platform is lost/)
    fixture.setLiveDown(false)
    await page.getByRole('button', { name: 'Try now' }).click()
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await page.getByText(/The line to the platform is lost/).count()).toBe(0)
  })

  test('suspends at once, and asks before it stops', async () => {
    await visit('/jobs/shop-live')
    await page.getByRole('button', { name: 'Suspend' }).click()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Suspend' }).waitFor()
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await page.getByRole('menuitem', { name: /^Stop/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('ends for good', { exact: false }).waitFor()
    await dialog.getByRole('button', { name: 'Stop' }).click()
    await sees('Stopped')
    await page.getByRole('tab', { name: 'Events' }).click()
    await sees('Asked to stop')
  })

  test('says why something was refused, and what to do', async () => {
    await visit('/jobs/all-regions-all-channels-consolidated-revenue-recognition-eu-1', 'limit')
    await page.getByRole('button', { name: 'Suspend' }).click()
    await sees(/LF_QUOTA_EXCEEDED/)
  })

  test('leads from a failure to its line in the program', async () => {
    await visit('/jobs/fraud-alerts')
    await page.getByRole('region', { name: 'Error' }).getByText('LF_USER_FUNCTION').waitFor()
    await page.getByRole('link', { name: 'program.ts:12 in version 5' }).click()
    await page.locator('li[data-marked]', { hasText: 'riskyCountries.has' }).waitFor()
    await page.locator('.hljs-keyword').first().waitFor()
  })

  test('shows result rows as they come, and holds them still', async () => {
    await visit('/jobs/shop-live/results?sink=revenue')
    const newest = 'tbody tr:first-child'
    const before = await until(async () => (await textOf(newest)) || null, { what: 'rows' })
    await until(async () => (await textOf(newest)) !== before, { what: 'other rows' })
    await page.getByRole('button', { name: 'Hold' }).click()
    await sees(/held still/)
    await page.getByRole('button', { name: 'revenue', exact: true }).click()
    expect(path()).toContain('sort=revenue')
  })

  test('filters logs by level, and stops following when one scrolls up', async () => {
    await visit('/jobs/shop-live/logs')
    await page.getByRole('log').waitFor()
    const follow = page.getByRole('switch', { name: 'Follow' })
    expect(await follow.isChecked()).toBe(true)
    await page.getByRole('log').hover()
    await page.mouse.wheel(0, -800)
    await until(async () => !(await follow.isChecked()), { what: 'following to end' })
    await page.getByRole('button', { name: 'Newest' }).click()
    await until(() => follow.isChecked(), { what: 'following again' })
    await page.getByText(/^Errors \d/).click()
    await until(() => path().endsWith('?level=error'), { what: 'the level in the address' })
    await until(async () => (await page.locator('[data-level="info"]').count()) === 0, { what: 'errors alone' })
  })

  test('names every wrong field of a connection, adds it when mended, and tests it', async () => {
    await visit('/connections')
    await page.getByRole('button', { name: 'Add a connection' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('MySQL', { exact: true }).click()
    await dialog.getByLabel('Name').fill('Not a name')
    await dialog.getByRole('button', { name: 'Add and test' }).click()
    await dialog.getByText('lower-case letters', { exact: false }).waitFor()
    await dialog.getByText('Give the host', { exact: false }).waitFor()
    await dialog.getByLabel('Name').fill('billing')
    await dialog.getByLabel('Host').fill('db.example.com')
    await dialog.getByLabel('User').fill('lf')
    await dialog.getByLabel('Password', { exact: true }).fill('do-not-show')
    await dialog.getByLabel('Database').fill('billing')
    await dialog.getByRole('button', { name: 'Add and test' }).click()
    await sees('Does not work')
    await sees('LF_CONNECTION_REFUSED')
    expect(await page.content()).not.toContain('do-not-show')
  })

  test('shows a new API key this once', async () => {
    await visit('/api-keys')
    await page.getByRole('button', { name: 'New API key' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('nightly')
    await page.getByRole('button', { name: 'Make the key' }).click()
    await sees(/lf_9tQ2fixture/)
    await page.getByRole('button', { name: 'I have kept it' }).click()
    const row = page.getByRole('row', { name: /^nightly/ })
    expect(await row.textContent()).not.toContain('fixture')
    await row.getByRole('button', { name: 'Revoke…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await row.waitFor({ state: 'detached' })
  })

  test('is dark when told so, from the first paint after a reload', async () => {
    await visit('/jobs')
    await page.getByRole('button', { name: /^Account of/ }).click()
    await page.getByText('Dark', { exact: true }).click()
    const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)
    await until(async () => (await scheme()) === 'dark', { what: 'dark colours' })
    await page.reload({ waitUntil: 'commit' })
    await until(async () => (await scheme()) === 'dark', { what: 'dark colours after the reload' })
    await sees('clickstream-sessions')
    expect(await scheme()).toBe('dark')
  })

  test('goes where keys say', async () => {
    await visit('/jobs')
    await sees('clickstream-sessions')
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await sees('shop-db')
    await page.keyboard.press('Shift+?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' })
  })

  test('tells an empty tenant how to begin', async () => {
    await visit('/jobs', 'empty')
    await sees('No job yet')
    expect(await page.getByRole('button', { name: /^Copy: npx lightflus/ }).count()).toBe(3)
  })

  test('has no page wider than a phone, with a fault, or with a control that has no name', async () => {
    open = await openPage(browser, fixture.url, { context: { viewport: { width: 360, height: 740 } } })
    page = open.page
    await page.goto('/')
    await signIn(page, email, fixturePassword)
    for (const story of stories.filter(({ act, signedOut }) => !act && !signedOut)) {
      await page.context().addCookies([{ name: 'fixture-scenario', value: story.scenario, url: fixture.url }])
      await page.goto(story.path)
      await page.locator('main h1, main [role="status"], main [role="alert"]').first().waitFor()
      const { wide, nameless } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        nameless: [...document.querySelectorAll('button, a, input')].flatMap((element) =>
          element.getAttribute('aria-label') ||
          element.textContent ||
          (element instanceof HTMLInputElement && (element.labels?.length || element.type === 'hidden'))
            ? []
            : [element.outerHTML],
        ),
      }))
      expect({ story: story.name, wide, nameless }).toEqual({ story: story.name, wide: 0, nameless: [] })
    }
    expect(open.faults).toEqual([])
  })
})
