import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadEncryptionKey } from '../crypto/keys.ts'
import { readConfig } from './config.ts'
import { environmentTable } from './environment-page.ts'

const hosted = {
  DATABASE_URL: 'postgresql://user:pass@db/lightflus',
  LIGHTFLUS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  LIGHTFLUS_CHECKPOINTS: '/checkpoints',
}

describe('the configuration', () => {
  test('has defaults for all but what has none', () => {
    expect(readConfig(hosted)).toMatchObject({
      host: '127.0.0.1',
      port: 4400,
      redisUrl: null,
      embedded: false,
      provisioner: 'process',
    })
  })

  test('derives the folder of checkpoints from the data folder', () => {
    const config = readConfig({
      DATABASE_URL: hosted.DATABASE_URL,
      LIGHTFLUS_MODE: 'embedded',
      LIGHTFLUS_DATA_DIR: '/data',
    })
    expect(config).toMatchObject({ embedded: true, checkpoints: '/data/checkpoints', encryptionKey: null })
  })

  test('takes a place in S3 for checkpoints, and none that is unknown or holds a secret', () => {
    const place = 's3://acme/lightflus?endpoint=http://minio:9000'
    expect(readConfig({ ...hosted, LIGHTFLUS_CHECKPOINTS: place }).checkpoints).toBe(place)
    for (const wrong of ['gs://acme', 's3://key:hunter2@acme/lightflus'])
      expect(() => readConfig({ ...hosted, LIGHTFLUS_CHECKPOINTS: wrong })).toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/^[^]*LIGHTFLUS_CHECKPOINTS: a folder, or s3:[^]*$/),
        }),
      )
    expect(() => readConfig({ ...hosted, LIGHTFLUS_CHECKPOINTS: 's3://key:hunter2@acme' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    )
  })

  test('takes the Kafka for exchanges as brokers or with credentials, and repeats none of these', () => {
    const optionsOf = (kafka: string) => readConfig({ ...hosted, LIGHTFLUS_EXCHANGE_KAFKA: kafka }).exchange?.options
    expect(readConfig(hosted).exchange).toBeNull()
    expect(optionsOf('one:9092, two:9093')).toEqual({ brokers: ['one:9092', 'two:9093'] })
    const sasl = { mechanism: 'scram-sha-512', username: 'lightflus', password: 'hunter2' }
    const whole = { brokers: ['one:9093'], tls: true, sasl }
    expect(optionsOf(JSON.stringify(whole))).toEqual(whole)
    for (const wrong of ['hunter2', '{"hunter2"', JSON.stringify({ ...whole, brokers: ['hunter2'] })]) {
      const reading = () => optionsOf(wrong)
      expect(reading).toThrow(
        expect.objectContaining({ message: expect.stringContaining('LIGHTFLUS_EXCHANGE_KAFKA.brokers') }),
      )
      expect(reading).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hunter2') }))
    }
  })

  test('lists every variable that is wrong, and no value', () => {
    const wrong = {
      ...hosted,
      DATABASE_URL: 'mysql://root:hunter2@x',
      PORT: '70000',
      LIGHTFLUS_ENCRYPTION_KEY: 'c2hvcnQ=',
      REDIS_URL: '',
    }
    expect(() => readConfig(wrong)).toThrow(
      expect.objectContaining({
        code: 'LF_CONFIG_INVALID',
        message: expect.stringMatching(/DATABASE_URL.*\n.*PORT.*\n.*LIGHTFLUS_ENCRYPTION_KEY: 32 bytes/),
      }),
    )
    expect(() => readConfig(wrong)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    )
  })

  test('asks for what each mode needs', () => {
    const { LIGHTFLUS_ENCRYPTION_KEY: _key, ...keyless } = hosted
    expect(() => readConfig(keyless)).toThrow(/LIGHTFLUS_ENCRYPTION_KEY: needed/)
    expect(() => readConfig({ ...hosted, LIGHTFLUS_MODE: 'embedded' })).toThrow(/LIGHTFLUS_DATA_DIR: needed/)
  })
})

describe('the key of the data folder', () => {
  test('is made once, for its owner alone', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'lightflus-key-')), 'data')
    const [first, second] = await Promise.all([loadEncryptionKey(null, folder), loadEncryptionKey(null, folder)])
    expect(first).toHaveLength(32)
    expect(second).toEqual(first)
    expect((await stat(join(folder, 'encryption.key'))).mode & 0o777).toBe(0o600)
    expect(await loadEncryptionKey(null, folder)).toEqual(first)
  })

  test('is refused when it is something else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lightflus-key-'))
    await writeFile(join(folder, 'encryption.key'), 'short')
    await expect(loadEncryptionKey(null, folder)).rejects.toMatchObject({ code: 'LF_CONFIG_INVALID' })
    expect(await readFile(join(folder, 'encryption.key'), 'utf8')).toBe('short')
  })
})

test('the docs have the table of variables; otherwise put there what environment-page.ts prints', async () => {
  const page = await readFile(new URL('../../../../docs/reference/control-plane.md', import.meta.url), 'utf8')
  expect(page).toContain(environmentTable())
})
