import { assertExternalHosts, hostsOf, isInternalAddress } from './internal-addresses.ts'

describe('an internal address', () => {
  test.each([
    '127.0.0.1',
    '127.8.9.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '::1',
    '::',
    'fd00::1',
    'fe80::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
  ])('is %s', (address) => expect(isInternalAddress(address)).toBe(true))

  test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('is not %s', (address) =>
    expect(isInternalAddress(address)).toBe(false),
  )
})

describe('hosts of a connection', () => {
  test('are taken from brokers and from host', () => {
    expect(hostsOf({ brokers: ['a:9092', '[::1]:9092'] })).toEqual(['a', '::1'])
    expect(hostsOf({ host: 'db', port: 3306 })).toEqual(['db'])
  })

  test('are that of an address', () => {
    expect(hostsOf({ url: 'https://[fd00::1]:8443/hooks' })).toEqual(['fd00::1'])
    expect(hostsOf({ url: 'http://2130706433/' })).toEqual(['127.0.0.1'])
  })

  test('are those of a token endpoint, too, however it is written', () => {
    const hosts = (tokenUrl: string) => hostsOf({ brokers: ['a:9092'], sasl: { mechanism: 'oauthbearer', tokenUrl } })
    expect(hosts('https://idp.example/token')).toEqual(['a', 'idp.example'])
    expect(hosts('https://[fd00::1]:8443/token')).toEqual(['a', 'fd00::1'])
    // An IPv4 address as a number.
    expect(hosts('https://2130706433/token')).toEqual(['a', '127.0.0.1'])
    expect(hosts('idp.example')).toEqual(['a'])
  })

  test('are refused when any of them resolves to an internal address', async () => {
    const resolve = async (host: string) => (host === 'sly.example' ? ['8.8.8.8', '10.0.0.7'] : ['8.8.8.8'])
    await expect(assertExternalHosts(['good.example'], resolve)).resolves.toBeUndefined()
    await expect(assertExternalHosts(['good.example', 'sly.example'], resolve)).rejects.toMatchObject({
      code: 'LF_CONNECTION_ADDRESS',
      message: 'sly.example is the internal address 10.0.0.7.',
    })
    await expect(assertExternalHosts(['127.0.0.1'], resolve)).rejects.toMatchObject({ code: 'LF_CONNECTION_ADDRESS' })
  })

  test('pass when they do not resolve', async () => {
    await expect(
      assertExternalHosts(['nowhere.example'], () => Promise.reject(new Error('ENOTFOUND'))),
    ).resolves.toBeUndefined()
  })
})
