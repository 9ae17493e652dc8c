import { bearerMessage, bearerRefusal } from './oauth-bearer.ts'

test('a token is shown as RFC 7628 has it, extensions as KIP-342', () => {
  expect(bearerMessage('abc', {})).toBe('n,,\x01auth=Bearer abc\x01\x01')
  expect(bearerMessage('abc', { logicalCluster: 'lkc-1', pool: '2' })).toBe(
    'n,,\x01auth=Bearer abc\x01logicalCluster=lkc-1\x01pool=2\x01\x01',
  )
})

test.each([
  ['{"status":"invalid_token"}', 'invalid_token'],
  ['{"status":"\\u0007"}', 'no reason given'],
  ['{"status":5}', 'no reason given'],
  ['null', 'no reason given'],
  ['nonsense', 'no reason given'],
])('a refusal of %s is %s', (answer, reason) => expect(bearerRefusal(Buffer.from(answer))).toBe(reason))
