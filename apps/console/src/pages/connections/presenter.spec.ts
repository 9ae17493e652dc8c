import type { ConnectionView } from '@lightflus/contracts'
import { now } from '../../testing/samples.ts'
import { presentConnections } from './presenter.ts'

const at = new Date(now - 3_600_000).toISOString()
const connections: ConnectionView[] = [
  {
    name: 'shop-db',
    kind: 'mysql',
    options: { host: 'db', port: 3306, user: 'lf', database: 'shop' },
    createdAt: at,
    updatedAt: at,
  },
  {
    name: 'events',
    kind: 'kafka',
    options: { brokers: ['a:9092', 'b:9092', 'c:9092'], tls: true, sasl: { mechanism: 'plain', username: 'lf' } },
    createdAt: at,
    updatedAt: at,
  },
  { name: 'cache', kind: 'redis', options: { host: 'r', port: 6379, database: 0 }, createdAt: at, updatedAt: at },
]

describe('connections', () => {
  test('say where they lead, as whom, and whether encrypted', () => {
    expect(
      presentConnections(connections, undefined, now).map(({ name, address, security }) => [name, address, security]),
    ).toEqual([
      ['cache', 'r:6379/0', 'not encrypted'],
      ['events', 'a:9092 and 2 more', 'as lf, TLS'],
      ['shop-db', 'db:3306/shop', 'as lf, not encrypted'],
    ])
  })

  test('are found by name, kind or any address', () => {
    const found = (text: string) => presentConnections(connections, text, now).map(({ name }) => name)
    expect(found('SHOP')).toEqual(['shop-db'])
    expect(found('kafka')).toEqual(['events'])
    expect(found('c:9092')).toEqual(['events'])
  })
})
