import { connectionFrom } from './connection-input.ts'

test.each([
  ['kafka://127.0.0.1:9092', { kind: 'kafka', options: { brokers: ['127.0.0.1:9092'] } }],
  [
    'kafka://me:s%40cret@a:9092,b:9093?tls=true&mechanism=scram-sha-512',
    {
      kind: 'kafka',
      options: {
        brokers: ['a:9092', 'b:9093'],
        tls: true,
        sasl: { mechanism: 'scram-sha-512', username: 'me', password: 's@cret' },
      },
    },
  ],
  [
    'kafka://lightflus:s%40cret@a:9092?tls=true&mechanism=oauthbearer&tokenUrl=https%3A%2F%2Fidp.example%2Ftoken&scope=kafka',
    {
      kind: 'kafka',
      options: {
        brokers: ['a:9092'],
        tls: true,
        sasl: {
          mechanism: 'oauthbearer',
          tokenUrl: 'https://idp.example/token',
          clientId: 'lightflus',
          clientSecret: 's@cret',
          scope: 'kafka',
        },
      },
    },
  ],
  [
    'mysql://shop:secret@db:3307/orders',
    { kind: 'mysql', options: { host: 'db', port: 3307, user: 'shop', password: 'secret', database: 'orders' } },
  ],
  ['redis://127.0.0.1', { kind: 'redis', options: { host: '127.0.0.1', port: 6379, database: 0 } }],
  [
    'rediss://:secret@cache:6380/2',
    { kind: 'redis', options: { host: 'cache', port: 6380, password: 'secret', database: 2, tls: true } },
  ],
  [
    '{"kind":"redis","options":{"host":"cache"}}',
    { kind: 'redis', options: { host: 'cache', port: 6379, database: 0 } },
  ],
  ['kind: kafka\noptions:\n  brokers: ["a:1"]\n', { kind: 'kafka', options: { brokers: ['a:1'] } }],
])('%s is understood', async (given, expected) => {
  expect(await connectionFrom('c', given)).toEqual(expected)
})

test.each([
  ['ftp://host', 'nothing is known of ftp://'],
  ['mysql://', 'not a URL'],
  ['kind: kafka\noptions: {}', 'options.brokers'],
  ['{"kind":"mysql","options":{"host":"h","user":"u","database":"d","pasword":"hunter2"}}', 'pasword'],
  ['kafka://lightflus:hunter2@a:9092?mechanism=oauthbearer', 'options.sasl.tokenUrl: needed'],
  ['kafka://me:hunter2@a:9092?mechanism=oauthbearer&tokenUrl=http%3A%2F%2Fidp.example%2F', 'options.sasl.tokenUrl'],
  ['kind: kafka\noptions: {brokers: ["a:1"], sasl: {mechanism: oauthbearer, token: hunter2, scope: x}}', 'sasl.scope'],
  ['just words', 'Connection c'],
])('%s is refused, and nothing of its secrets is repeated', async (given, message) => {
  const refusal = await connectionFrom('c', given).then(
    () => undefined,
    (error: unknown) => error as { code: string; message: string },
  )
  expect(refusal).toMatchObject({ code: 'LF_CLI_FILE', message: expect.stringContaining(message) })
  expect(refusal!.message).not.toContain('hunter2')
})
