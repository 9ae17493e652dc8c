import type { Json } from '@lightflus/api'
import { ConnectionOptionReader, connectionOf } from './connection-options.ts'
import { clusterOptions } from './kafka/network/cluster-options.ts'
import { mysqlOptions } from './mysql/mysql-options.ts'
import { redisOptions } from './redis/redis-options.ts'
import { sinkContext } from './testing/test-context.ts'

const connection = (options: Readonly<Record<string, Json>>, kind = 'kafka') => ({ name: 'shop', kind, options })
const failing = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })

test('an operator needs a connection of the kind that it speaks', () => {
  expect(() => connectionOf(sinkContext({ options: {} }), 'redis')).toThrow(
    failing('LF_CONNECTION_MISSING', 'sink-1 needs a redis'),
  )
  const other = sinkContext({ options: {}, connection: connection({}, 'mysql') })
  expect(() => connectionOf(other, 'redis')).toThrow(failing('LF_CONNECTION_OPTION', "'shop' is of kind mysql"))
  expect(connectionOf(other, 'mysql').name).toBe('shop')
})

test.each<[string, Readonly<Record<string, Json>>]>([
  ["'brokers'", {}],
  ["'brokers'", { brokers: 'kafka-1:9092' }],
  ["'brokers'", { brokers: ['kafka-1'] }],
  ["'brokers'", { brokers: ['kafka-1:9092', 5] }],
  ["'tls'", { brokers: ['a:1'], tls: 'yes' }],
  ["'sasl'", { brokers: ['a:1'], sasl: 'plain' }],
  ["'sasl.mechanism'", { brokers: ['a:1'], sasl: { mechanism: 'gssapi' } }],
  ["'sasl.username'", { brokers: ['a:1'], sasl: { mechanism: 'plain', password: 's3cret' } }],
  ["'sasl.password'", { brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'ada', password: 5 } }],
])('of a Kafka connection %s is looked at: %j', (option, options) => {
  expect(() => clusterOptions(connection(options))).toThrow(failing('LF_CONNECTION_OPTION', option))
})

test('a Kafka connection may name several brokers, also by their IPv6 address', () => {
  const sasl = { mechanism: 'scram-sha-256', username: 'ada', password: 's3cret' }
  expect(clusterOptions(connection({ brokers: ['kafka-1:9092', '[::1]:9093'], tls: true, sasl }))).toEqual({
    connection: 'shop',
    seeds: [
      { host: 'kafka-1', port: 9092 },
      { host: '::1', port: 9093 },
    ],
    tls: {},
    sasl,
  })
})

test('connections of MySQL and Redis have the servers’ usual ports', () => {
  const mysql = { host: 'db', user: 'ada', database: 'shop' }
  expect(mysqlOptions(connection(mysql))).toEqual({ ...mysql, port: 3306, password: '', tls: undefined })
  expect(redisOptions(connection({ host: 'cache', tls: { ca: 'PEM' } }))).toEqual({
    ...{ host: 'cache', port: 6379, database: 0, tls: { ca: 'PEM' } },
    ...{ username: undefined, password: undefined },
  })
})

test('what is refused is named and never shown', () => {
  const read = new ConnectionOptionReader(connection({ password: ['s3cret'], port: 1.5 }))
  expect(() => read.optionalText('password')).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('s3cret') as string }),
  )
  expect(() => read.whole('port', 1, 10)).toThrow(
    failing('LF_CONNECTION_OPTION', "'port' must be a whole number from 0 to 10"),
  )
  expect(() => read.text('host')).toThrow(failing('LF_CONNECTION_OPTION', "'host' is missing"))
})
