import { expect, it } from '@jest/globals'
import { announcement } from './announcement.ts'

const bold = (text: string) => text
const running = { address: 'http://127.0.0.1:4400', folder: '/data', isDefaultFolder: true, backup: null, bold }

it('tells the console’s address, how to sign in, and three commands', () => {
  const account = { tenant: 'demo', email: 'demo@lightflus.local', password: 'abcd-efgh' }
  const text = announcement({ ...running, account })
  expect(text).toContain('http://127.0.0.1:4400')
  expect(text).toContain('demo@lightflus.local  abcd-efgh')
  expect(text.match(/^ {4}npx lightflus /gm)).toHaveLength(3)
})

it('offers what works without a demo', () => {
  const text = announcement({ ...running, account: null })
  expect(text).not.toContain('Sign in')
  expect(text).toMatch(/create-tenant \S+ \S+$/m)
  expect(announcement({ ...running, account: null, isDefaultFolder: false })).toMatch(
    /create-tenant .* --data-dir \/data$/m,
  )
  expect(text.match(/^ {4}npx lightflus /gm)).toHaveLength(3)
})

it('tells of a backup', () => {
  expect(announcement({ ...running, account: null, backup: '/data/backups/x' })).toContain('/data/backups/x')
})
