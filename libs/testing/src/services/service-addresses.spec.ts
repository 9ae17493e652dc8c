import { needs, services, unavailableVariable, whyUnavailable } from './service-addresses.ts'

const before = process.env

beforeEach(() => {
  process.env = { PATH: before.PATH }
})

afterAll(() => {
  process.env = before
})

describe('services', () => {
  it('gives each address from its environment variable', () => {
    Object.assign(process.env, { KAFKA_BOOTSTRAP: 'a:1', REDIS_URL: 'redis://b', MYSQL_URL: 'mysql://c' })
    process.env.DATABASE_URL = 'postgresql://d'
    process.env.S3_ENDPOINT = 'http://e'
    const { kafkaBootstrap, redisUrl, mysqlUrl, databaseUrl, s3Endpoint } = services()
    expect([kafkaBootstrap, redisUrl, mysqlUrl, databaseUrl, s3Endpoint]).toEqual([
      'a:1',
      'redis://b',
      'mysql://c',
      'postgresql://d',
      'http://e',
    ])
  })

  it('fails only for the address that is asked for, naming the command that sets it', () => {
    process.env.REDIS_URL = 'redis://b'
    expect(services().redisUrl).toBe('redis://b')
    expect(() => services().kafkaBootstrap).toThrow(/KAFKA_BOOTSTRAP is not set.*npm test -- <path>/)
  })

  it('says why a service is missing on this machine', () => {
    process.env[unavailableVariable] = '{"mysql":"Maven is missing"}'
    expect(() => services().mysqlUrl).toThrow('mysql is not available: Maven is missing. Set MYSQL_URL')
    expect(whyUnavailable('kafka')).toBeUndefined()
  })
})

describe('needs', () => {
  it('skips what cannot run, but never with CI=true', () => {
    process.env[unavailableVariable] = '{"browser":"there is none"}'
    expect(needs('kafka')).toBe(describe)
    expect(needs('kafka', 'browser')).toBe(describe.skip)
    process.env.CI = 'true'
    expect(needs('kafka', 'browser')).toBe(describe)
  })
})
