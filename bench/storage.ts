/**
 * What a call to checkpoint storage costs, in a folder and in S3, side by side in one run; what loading the SDK costs.
 *
 *   node -C @lf/source bench/storage.ts [FOLDER]
 *
 * FOLDER lies on the disk that is measured; default: the one of temporary files. The S3 server is the one of the tests,
 * which keeps everything in memory on this machine: what it shows is the driver's share, not the network's. With
 * STORAGE_LOCATION=s3://bucket/prefix a real one is measured instead.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderStorage, openStorage, s3Storage, type CheckpointStorage } from '@lightflus/storage'
import { startS3 } from '@lightflus/testing/services'

const sizes = [1_000, 100_000, 1_000_000, 10_000_000]
const rounds = 30
/** The server of the tests has 512 MB. */
const filesKept = 4

interface Call {
  readonly name: string
  run(storage: CheckpointStorage, at: number, bytes: Uint8Array): Promise<unknown>
}
const calls: readonly Call[] = [
  { name: 'put', run: (storage, at, bytes) => storage.put(`files/${at % filesKept}`, bytes) },
  { name: 'create', run: (storage, at, bytes) => storage.createIfAbsent(`log/${bytes.length}-${at}`, bytes) },
  { name: 'get', run: (storage, at) => storage.get(`files/${at % filesKept}`) },
]

const server = process.env.STORAGE_LOCATION === undefined ? await startS3() : undefined
const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'lightflus-bench-'))
try {
  const before = process.memoryUsage().rss
  const begin = performance.now()
  const store = await open()
  await store.get('first').catch(() => undefined)
  const loaded = { ms: performance.now() - begin, mb: (process.memoryUsage().rss - before) / 1e6 }
  console.log(`SDK and first request: ${loaded.ms.toFixed(0)} ms, ${loaded.mb.toFixed(0)} MB`)
  await makeBucket()
  console.log('bytes      call    folder ms   S3 ms   ratio   (medians)')
  for (const size of sizes) {
    const bytes = crypto.getRandomValues(Buffer.alloc(Math.min(size, 65_536)))
    const content = Buffer.alloc(size, bytes)
    for (const { name, run } of calls) {
      const [inFolder, inS3] = [[] as number[], [] as number[]]
      const place = folderStorage(folder)
      for (let at = 0; at < rounds; at += 1) {
        inFolder.push(await timed(() => run(place, at, content)))
        inS3.push(await timed(() => run(store, at, content)))
        for (const storage of [place, store]) await storage.delete(`log/${size}-${at - 1}`)
      }
      const [a, b] = [median(inFolder), median(inS3)]
      console.log(
        `${String(size).padEnd(10)} ${name.padEnd(7)} ${a.toFixed(2).padStart(9)} ${b.toFixed(2).padStart(7)} ${(b / a).toFixed(1).padStart(7)}`,
      )
    }
  }
} finally {
  await rm(folder, { recursive: true })
  await server?.stop()
}

async function open(): Promise<CheckpointStorage> {
  if (server === undefined) return openStorage(process.env.STORAGE_LOCATION!)
  const { origin: endpoint, username, password } = new URL(server.address)
  const credentials = { accessKeyId: username, secretAccessKey: password }
  return s3Storage({ bucket: 'bench', prefix: 'storage', endpoint, credentials })
}

/** After the first call, which loads the SDK: the server of the tests has no bucket. */
async function makeBucket(): Promise<void> {
  if (server === undefined) return
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3')
  const { origin: endpoint, username, password } = new URL(server.address)
  const credentials = { accessKeyId: username, secretAccessKey: password }
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: 'bench' }))
  client.destroy()
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}
