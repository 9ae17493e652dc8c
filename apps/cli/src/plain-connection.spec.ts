import fc from 'fast-check'
import { checkedConnection } from './connection-input.ts'
import { plainConnection } from './plain-connection.ts'

// Goal: what is understood without the schemas is what they would have made of it.

const part = fc.oneof(
  fc.stringMatching(/^[a-z0-9.:,@/?%#=[\]-]{0,12}$/),
  fc.constantFrom('kafka://', 'a:9092', ',', 'b.example:1', ' ', ':', 'localhost', '[::1]:9092', 'ü:1', '%2C'),
)

it('says the same as the schemas of what it understands', async () => {
  let understood = 0
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      const text = `kafka://${parts.join('')}`
      const plain = plainConnection(text)
      if (plain === undefined) return
      understood += 1
      expect(plain).toEqual(await checkedConnection('c', text))
    }),
    { numRuns: 2_000 },
  )
  expect(understood).toBeGreaterThan(10)
})

it.each(['kafka://localhost:9092', 'kafka://a:1,b.c:22'])('understands %s', (text) => {
  expect(plainConnection(text)).toBeDefined()
})

it.each([
  'kafka://a',
  'kafka://a:1/',
  'kafka://u:p@a:1',
  'kafka://a:1?tls=true',
  'redis://a:1',
  'kafka://a:1,',
  'kafka://a:1\n',
])('leaves to the schemas: %j', (text) => expect(plainConnection(text)).toBeUndefined())
