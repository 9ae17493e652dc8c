import type { Page } from 'playwright-core'
import type { Scenario } from '../fixture/platform.ts'

/** One picture of the console: a page in one of its states. */
export interface Story {
  readonly name: string
  readonly path: string
  readonly scenario: Scenario
  readonly signedOut?: boolean
  /** What is done before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>
}

const wide = 'all-regions-all-channels-consolidated-revenue-recognition-eu-1'
const states = ['live', 'empty', 'loading', 'error', 'limit'] as const

const eachState = (name: string, path: string, only: readonly Scenario[] = states): Story[] =>
  only.map((scenario) => ({ name: `${name}-${scenario}`, path, scenario }))

export const stories: readonly Story[] = [
  { name: 'sign-in', path: '/sign-in', scenario: 'live', signedOut: true },
  {
    name: 'sign-in-refused',
    path: '/sign-in',
    scenario: 'live',
    signedOut: true,
    act: async (page) => {
      await page.getByLabel('E-mail').fill('demo@lightflus.dev')
      await page.getByLabel('Password', { exact: true }).fill('wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  ...eachState('jobs', '/jobs'),
  ...eachState('connections', '/connections', ['live', 'empty', 'loading', 'error']),
  ...eachState('usage', '/usage'),
  { name: 'usage-month', path: '/usage?span=30d&measure=recordsIn', scenario: 'live' },
  ...eachState('api-keys', '/api-keys', ['live', 'empty', 'loading', 'error']),
  ...eachState('job', '/jobs/shop-live', ['live', 'loading', 'error']),
  { name: 'job-limit', path: `/jobs/${wide}`, scenario: 'limit' },
  { name: 'job-operator', path: '/jobs/shop-live?operator=revenue-per-item', scenario: 'live' },
  { name: 'job-failed', path: '/jobs/fraud-alerts', scenario: 'live' },
  { name: 'job-restarting', path: '/jobs/inventory-sync', scenario: 'live' },
  { name: 'job-suspended', path: '/jobs/word-count', scenario: 'live' },
  ...eachState('results', '/jobs/shop-live/results', ['live']),
  { name: 'results-empty', path: '/jobs/orders/results', scenario: 'live' },
  ...eachState('logs', '/jobs/shop-live/logs', ['live']),
  { name: 'logs-empty', path: '/jobs/word-count/logs', scenario: 'live' },
  ...eachState('events', '/jobs/shop-live/events', ['live']),
  ...eachState('checkpoints', '/jobs/shop-live/checkpoints', ['live', 'loading', 'error']),
  ...eachState('versions', '/jobs/shop-live/versions', ['live']),
  { name: 'version', path: '/jobs/fraud-alerts/versions/5?line=12', scenario: 'live' },
  ...eachState('settings', '/jobs/shop-live/settings', ['live']),
  { name: 'not-found', path: '/nowhere', scenario: 'live' },
  { name: 'job-not-found', path: '/jobs/gone', scenario: 'live' },
  {
    name: 'dialog-stop',
    path: '/jobs/shop-live',
    scenario: 'live',
    act: async (page) => {
      await page.getByRole('button', { name: 'End', exact: true }).click()
      await page.getByRole('menuitem', { name: /^Stop/ }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'dialog-deploy',
    path: '/jobs/word-count',
    scenario: 'live',
    act: async (page) => {
      await page.getByRole('button', { name: 'Deploy…' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'dialog-connection',
    path: '/connections',
    scenario: 'live',
    act: async (page) => {
      await page.getByRole('button', { name: 'Add a connection' }).click()
      await page.getByRole('dialog').getByText('MySQL', { exact: true }).click()
      await page.getByRole('button', { name: 'Add and test' }).click()
    },
  },
  {
    name: 'connection-test',
    path: '/connections',
    scenario: 'live',
    act: async (page) => {
      for (const name of ['events', 'shop-db'])
        await page
          .getByRole('row', { name: new RegExp(`^${name}`) })
          .getByRole('button', { name: 'Test' })
          .click()
      await page.getByText('Does not work').waitFor()
    },
  },
  {
    name: 'dialog-key',
    path: '/api-keys',
    scenario: 'live',
    act: async (page) => {
      await page.getByRole('button', { name: 'New API key' }).click()
      await page.getByLabel('Name').fill('nightly report')
      await page.getByRole('button', { name: 'Make the key' }).click()
      await page.getByText('I have kept it').waitFor()
    },
  },
  { name: 'keyboard', path: '/jobs', scenario: 'live', act: (page) => page.keyboard.press('Shift+?') },
  {
    name: 'account',
    path: '/jobs',
    scenario: 'live',
    act: async (page) => {
      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('menu').waitFor()
    },
  },
]
