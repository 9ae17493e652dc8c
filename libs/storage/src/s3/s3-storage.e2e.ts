import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { freePort, needs } from '@lightflus/testing/services'
import { claimJob, readLog } from '../job-log.ts'
import { faultyGateway, type GatewayFault } from '../testing/faulty-gateway.ts'
import { newBucket } from '../testing/s3-bench.ts'
import { ingestLogContract } from '../testing/ingest-log.contract.ts'
import { storageContract, type DriverUnderTest } from '../testing/storage.contract.ts'
import { clearS3, s3Storage, type S3StorageOptions } from './s3-storage.ts'

const node = [process.execPath, '--conditions=@lf/source'] as const
const driver = new URL('./s3-storage.ts', import.meta.url).href
const bytes = (content: string): Uint8Array => Buffer.from(content)
const text = (content: Uint8Array | undefined): string | undefined => content && Buffer.from(content).toString()

needs('s3')('checkpoint storage in S3', () => {
  let place: Awaited<ReturnType<typeof newBucket>>
  let prefixes = 0
  const options = (given: Partial<S3StorageOptions> = {}): S3StorageOptions => ({
    ...place,
    prefix: `jobs/${(prefixes += 1)}`,
    ...given,
  })
  beforeAll(async () => {
    place = await newBucket()
  })

  const driverUnderTest: DriverUnderTest = {
    open: async () => s3Storage(options()),
    again: ({ location }) => s3Storage({ ...place, prefix: location.slice(`s3://${place.bucket}/`.length) }),
    sequences: 10,
  }
  storageContract(driverUnderTest)
  describe('with the log of an endpoint in it', () => ingestLogContract(driverUnderTest))

  it('keeps places of one bucket apart, also where one’s name begins another’s', async () => {
    const short = s3Storage(options({ prefix: 'orders' }))
    const long = s3Storage(options({ prefix: 'orders-eu' }))
    const whole = s3Storage(options({ prefix: '' }))
    await short.put('a', bytes('short'))
    await long.put('a', bytes('long'))
    expect(await short.list('')).toEqual(['a'])
    expect(text(await long.get('a'))).toBe('long')
    expect(await whole.list('orders')).toEqual(['orders-eu/a', 'orders/a'])
  })

  it('is removed with all that it has, and nothing beside it', async () => {
    const kept = s3Storage(options({ prefix: 'removed-not' }))
    const removed = options({ prefix: 'removed' })
    await kept.put('a', bytes('kept'))
    await s3Storage(removed).createIfAbsent('log/1', bytes('x'))
    await clearS3(removed)
    const { S3Client, ListObjectsV2Command } = await import('@aws-sdk/client-s3')
    const client = new S3Client({ ...place, region: 'us-east-1', forcePathStyle: true })
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: place.bucket, Prefix: 'removed' }))
    client.destroy()
    expect(Contents?.map(({ Key }) => Key)).toEqual(['removed-not/a'])
  })

  it('lists more files than fit a page of the store, in order', async () => {
    const storage = s3Storage(options())
    const paths = Array.from({ length: 1_203 }, (_, at) => `files/${String(at).padStart(5, '0')}`)
    for (let at = 0; at < paths.length; at += 40)
      await Promise.all(paths.slice(at, at + 40).map((path) => storage.put(path, bytes('x'))))
    expect(await storage.list('files/')).toEqual(paths)
    expect(await storage.list('files/0120')).toEqual(paths.slice(-3))
  })

  it('lets exactly one of several processes create a file', async () => {
    const program = `
      const { s3Storage } = await import(${JSON.stringify(driver)})
      const storage = s3Storage(${JSON.stringify(options({ prefix: 'processes' }))})
      let won = 0
      for (let round = 0; round < 30; round += 1) if (await storage.createIfAbsent('log/' + round, new Uint8Array(10))) won += 1
      console.log(String(won))`
    const wins = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const child = spawn(node[0], [node[1], '--input-type=module', '--eval', program], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        const [output] = (await once(child.stdout, 'data')) as [Buffer]
        return Number(output.toString())
      }),
    )
    expect(wins.reduce((sum, each) => sum + each)).toBe(30)
  })

  it('holds a job’s log: of attempts that claim at once each gets a number of its own, the last one the log', async () => {
    const given = options()
    const claims = await Promise.all(
      Array.from({ length: 4 }, () =>
        claimJob({
          storage: s3Storage(given),
          job: 'orders',
          parallelism: 1,
          now: () => 1,
          checkpointsKept: 1,
          savepointsKept: 1,
        }),
      ),
    )
    expect(claims.map(({ attempt }) => attempt).sort()).toEqual([1, 2, 3, 4])
    expect((await readLog(s3Storage(given))).attempt).toBe(4)
    const late = claims.find(({ attempt }) => attempt < 4)!
    await expect(late.release(0)).rejects.toMatchObject({ code: 'LF_ATTEMPT_FENCED' })
  })

  describe('behind a network that fails', () => {
    const gateways: { close(): Promise<void> }[] = []
    afterEach(async () => {
      for (const gateway of gateways.splice(0)) await gateway.close()
    })
    const limits = { triesMax: 3, connectMsMax: 1_000, silenceMsMax: 250, callMsMax: 20_000 }
    async function through(faultOf: Parameters<typeof faultyGateway>[1]) {
      const gateway = await faultyGateway(place.endpoint, faultOf)
      gateways.push(gateway)
      const given = options({ limits })
      return { gateway, direct: s3Storage(given), storage: s3Storage({ ...given, endpoint: gateway.endpoint }) }
    }
    /** Faults of the first requests that create a log entry; whatever else is asked passes. */
    const onEntries =
      (...faults: readonly GatewayFault[]) =>
      ({ method, path }: { method: string; path: string }): GatewayFault => {
        const left = faults as GatewayFault[]
        return method === 'PUT' && path.includes('/log/') ? (left.shift() ?? 'pass') : 'pass'
      }

    it('knows an entry that it made by a request whose answer was lost', async () => {
      const { storage, direct } = await through(onEntries('lose answer'))
      expect(await storage.createIfAbsent('log/1', bytes('mine'))).toBe(true)
      expect(text(await direct.get('log/1'))).toBe('mine')
    })

    it('does not take another’s entry for its own, although the bytes are the same', async () => {
      const { storage, direct } = await through(onEntries('never answer'))
      await direct.createIfAbsent('log/1', bytes('same'))
      expect(await storage.createIfAbsent('log/1', bytes('same'))).toBe(false)
    })

    it('tries again what the store refuses for a conflict or for its load', async () => {
      const conflict = { status: 409, code: 'ConditionalRequestConflict' }
      const { storage } = await through(onEntries(conflict, conflict, { status: 503, code: 'SlowDown' }))
      expect(await storage.createIfAbsent('log/1', bytes('mine'))).toBe(true)
    })

    it('gives up after its tries, and says so', async () => {
      const { storage, gateway } = await through(() => ({ status: 503, code: 'SlowDown' }))
      await expect(storage.put('a', bytes('x'))).rejects.toMatchObject({
        code: 'LF_STORAGE_FAILED',
        message: expect.stringMatching(/^Writing a to s3:\/\/.* failed: So it is \(SlowDown\)\.$/),
      })
      expect(gateway.requests()).toBe(3)
    })

    it('gives up on a store that is silent', async () => {
      const { storage } = await through(() => 'never answer')
      await expect(storage.get('a')).rejects.toMatchObject({ code: 'LF_STORAGE_UNREACHABLE' })
    })

    it('reads again what broke off in the middle', async () => {
      let cut = 2
      const { storage, direct } = await through(({ method }) => (method === 'GET' && cut-- > 0 ? 'cut body' : 'pass'))
      await direct.put('a', new Uint8Array(100_000).fill(7))
      expect(await storage.get('a')).toEqual(new Uint8Array(100_000).fill(7))
    })

    it('takes for missing what it may not read and does not find in the list', async () => {
      // S3 answers so to credentials whose right to list ends at a prefix.
      const { storage, direct } = await through(({ method, path }) =>
        (method === 'GET' || method === 'HEAD') && !path.includes('list-type')
          ? { status: 403, code: 'AccessDenied' }
          : 'pass',
      )
      expect(await storage.get('a')).toBeUndefined()
      await direct.put('ab', bytes('x'))
      expect(await storage.get('a')).toBeUndefined()
      await direct.put('a', bytes('x'))
      await expect(storage.get('a')).rejects.toMatchObject({ code: 'LF_STORAGE_DENIED' })
    })

    it('refuses a store that ignores If-None-Match, and writes no entry there', async () => {
      const { storage, direct } = await through(() => 'never refuse')
      await expect(storage.createIfAbsent('log/1', bytes('x'))).rejects.toMatchObject({
        code: 'LF_STORAGE_UNSUPPORTED',
      })
      expect(await direct.list('')).toEqual([])
    })
  })

  it.each([
    ['a bucket that is not there', { bucket: 'there-is-none' }, 'LF_STORAGE_MISSING', /bucket/],
    [
      'a key that the store does not know',
      { credentials: { accessKeyId: 'unknown', secretAccessKey: 'hidden' } },
      'LF_STORAGE_DENIED',
      /InvalidAccessKeyId/,
    ],
    [
      'a secret that is not the key’s',
      { credentials: { accessKeyId: 'lightflus', secretAccessKey: 'hidden' } },
      'LF_STORAGE_DENIED',
      /secret key is not the one/,
    ],
  ])('says of %s what it is, and shows no secret', async (_, given, code, message) => {
    const storage = s3Storage(options(given))
    for (const call of [() => storage.put('a', bytes('x')), () => storage.get('a'), () => storage.list('')]) {
      const thrown = await call().catch((error: unknown) => error)
      expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) })
      expect(JSON.stringify(thrown)).not.toContain('hidden')
    }
  })

  it('says that nobody listens there', async () => {
    // In a process of its own: the SDK asks whether an error is an instance of Error, and Jest has two of those.
    const endpoint = `http://127.0.0.1:${await freePort()}`
    const program = `
      const { s3Storage } = await import(${JSON.stringify(driver)})
      const storage = s3Storage(${JSON.stringify(options({ endpoint, limits: { triesMax: 2 } }))})
      const { code, message } = await storage.createIfAbsent('log/1', new Uint8Array(1)).catch((thrown) => thrown)
      console.log(JSON.stringify({ code, message }))`
    const { stdout } = spawnSync(node[0], [node[1], '--input-type=module', '--eval', program], { encoding: 'utf8' })
    expect(JSON.parse(stdout)).toEqual({
      code: 'LF_STORAGE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('loads the SDK with the first call, not before', () => {
    // Goal: a run that keeps its state in a folder pays neither its time nor its memory.
    const program = `
      const { openStorage } = await import(${JSON.stringify(new URL('../storage-location.ts', import.meta.url).href)})
      const { createRequire } = await import('node:module')
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('@aws-sdk')).length
      const storage = openStorage('s3://acme/orders?region=eu-west-1&endpoint=http://127.0.0.1:1')
      const before = loaded()
      await storage.get('a').catch(() => undefined)
      console.log(JSON.stringify([before, loaded() > 0]))`
    const env = { ...process.env, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
    const { stdout } = spawnSync(node[0], [node[1], '--input-type=module', '--eval', program], {
      encoding: 'utf8',
      env,
    })
    expect(JSON.parse(stdout)).toEqual([0, true])
  })
})
