import { putConnectionSchema } from '@lightflus/contracts'
import { bodyOf, connectionErrors, newConnection, valuesOf } from './form-values.ts'

const mysql = {
  ...newConnection,
  name: 'shop-db',
  kind: 'mysql' as const,
  host: 'db',
  user: 'lf',
  password: 'secret',
  database: 'shop',
}
const kafka = { ...newConnection, name: 'events', brokers: 'a:9092, b:9092\nc:9092' }
const oauth = {
  ...{ ...kafka, mechanism: 'oauthbearer' as const, user: 'lf', password: 'secret' },
  ...{ tokenUrl: 'https://idp.example/token', scope: 'kafka', extensions: { pool: 'p' } },
}
const redis = { ...newConnection, name: 'cache', kind: 'redis' as const, host: 'r' }
const http = {
  ...newConnection,
  ...{
    name: 'hooks',
    kind: 'http' as const,
    url: 'https://a.example/b',
    headers: 'Authorization: Bearer a:b\n\nX-A: 1',
  },
}
const at = '2026-11-23T12:00:00Z'

describe('the form of a connection', () => {
  test.each([mysql, kafka, oauth, redis, http])('a good $kind connection is what the API takes', (values) => {
    expect(connectionErrors(values)).toEqual({})
    expect(putConnectionSchema.safeParse(bodyOf(values)).success).toBe(true)
  })

  test('brokers come one a line, or with commas', () => {
    expect(bodyOf(kafka).options).toEqual({ brokers: ['a:9092', 'b:9092', 'c:9092'] })
  })

  test('headers come one a line', () => {
    expect(bodyOf(http).options).toEqual({
      url: 'https://a.example/b',
      headers: { Authorization: 'Bearer a:b', 'X-A': '1' },
    })
    const errors = connectionErrors({ ...http, url: 'ftp://a', headers: 'no header: x' })
    expect(Object.keys(errors).toSorted()).toEqual(['headers', 'url'])
  })

  test('an encrypted line with its own authority says so', () => {
    expect(bodyOf({ ...redis, tls: true }).options).toMatchObject({ tls: true })
    expect(bodyOf({ ...redis, tls: true, ca: 'PEM' }).options).toMatchObject({ tls: { ca: 'PEM' } })
  })

  test('names every field that is wrong, at once', () => {
    expect(
      Object.keys(connectionErrors({ ...newConnection, name: 'Not A Name', brokers: 'no-port' })).toSorted(),
    ).toEqual(['brokers', 'name'])
    expect(Object.keys(connectionErrors({ ...newConnection, kind: 'mysql' })).toSorted()).toEqual([
      'database',
      'host',
      'name',
      'user',
    ])
    expect(Object.keys(connectionErrors({ ...kafka, mechanism: 'plain' })).toSorted()).toEqual(['password', 'user'])
    const empty = { ...oauth, user: '', password: '', tokenUrl: 'http://idp.example' }
    expect(Object.keys(connectionErrors(empty)).toSorted()).toEqual(['password', 'tokenUrl', 'user'])
    expect(connectionErrors({ ...redis, database: 'one' })).toHaveProperty('database')
  })

  test('what is shown of a connection fills the form again, but for its secrets', () => {
    const { password: _password, ...shown } = bodyOf(mysql).options as Record<string, unknown>
    const view = {
      name: 'shop-db',
      kind: 'mysql' as const,
      options: { ...shown, port: 3306 },
      createdAt: at,
      updatedAt: at,
    }
    expect(valuesOf(view)).toEqual({ ...mysql, port: 3306, password: '' })
    const { brokers, sasl: { clientSecret: _secret, ...signIn } = {} } = bodyOf(oauth).options as {
      readonly brokers?: readonly string[]
      readonly sasl?: Readonly<Record<string, unknown>>
    }
    expect(valuesOf({ ...view, name: oauth.name, kind: 'kafka', options: { brokers, sasl: signIn } })).toEqual({
      ...oauth,
      ...{ brokers: 'a:9092\nb:9092\nc:9092', password: '' },
    })
    const sasl = { mechanism: 'plain', username: 'lf' }
    expect(valuesOf({ ...view, kind: 'kafka', options: { brokers: ['a:1'], sasl, tls: { ca: 'PEM' } } })).toMatchObject(
      {
        brokers: 'a:1',
        mechanism: 'plain',
        user: 'lf',
        tls: true,
        ca: 'PEM',
      },
    )
  })
})
