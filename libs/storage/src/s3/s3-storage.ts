import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { CheckpointStorage } from '../checkpoint-storage.ts'
import { assertPath, assertPrefix, isPath } from '../storage-path.ts'
import { connect, defaultLimits, type S3Access, type S3Connection } from './s3-client.ts'
import { isNamed, s3Error, statusOf } from './s3-error.ts'
import { assertCreatesOnce, type Created } from './s3-support.ts'

export interface S3StorageOptions extends S3Access {
  /** It has to be there. */
  readonly bucket: string
  /** Begins every key, followed by a slash; empty: keys are paths. */
  readonly prefix: string
}

/** Metadata of an object that create-if-absent made: which call it was. */
const writerKey = 'lightflus-writer'
/** Of tries that the store refused since another write of the same key was under way. */
const conflictTriesMax = 8
/** Of reads that broke off in the middle of an object; those that break before it the SDK repeats itself. */
const readTriesMax = 3
const pauseMs = 50
/** Deletions side by side when all is deleted. */
const deletionsMax = 16

/**
 * Keeps checkpoints as objects of an S3 store, one per file. An object is whole or not there and, once the store has
 * answered, durable and seen by every reader (strong consistency: S3 user guide, "data consistency model").
 *
 * Create-if-absent is `If-None-Match: *`. A try whose answer was lost may have made the object, and the next is then
 * refused: so each call puts a name of its own into the object's metadata, and a refused one looks whose it is.
 *
 * The SDK's checksum (CRC-32) guards each object on its way; it is checked by the store, and again when it is read. A
 * file is one request, so it may be as large as the store takes in one: 5 GiB on S3.
 */
class S3Storage implements CheckpointStorage {
  readonly location: string
  readonly durable = true
  readonly #options: S3StorageOptions
  readonly #keyPrefix: string
  readonly #callMsMax: number
  #createsOnce: Promise<void> | undefined

  constructor(options: S3StorageOptions) {
    const { bucket, prefix, limits } = options
    this.#options = options
    this.#keyPrefix = prefix === '' ? '' : `${prefix}/`
    this.#callMsMax = limits?.callMsMax ?? defaultLimits.callMsMax
    this.location = `s3://${bucket}${prefix && `/${prefix}`}`
  }

  async put(path: string, bytes: Uint8Array): Promise<void> {
    assertPath(path)
    await this.#call(`Writing ${path} to`, async ({ sdk, client }, abortSignal) => {
      await client.send(new sdk.PutObjectCommand({ ...this.#object(path), Body: bytes }), { abortSignal })
    })
  }

  async createIfAbsent(path: string, bytes: Uint8Array): Promise<boolean> {
    assertPath(path)
    await this.#assertCreatesOnce()
    return (await this.#create(path, bytes)) === 'made'
  }

  async get(path: string): Promise<Uint8Array | undefined> {
    assertPath(path)
    return this.#call(`Reading ${path} from`, async ({ sdk, client }, abortSignal) => {
      for (let tries = 1; ; tries += 1) {
        try {
          const { Body } = await client.send(new sdk.GetObjectCommand(this.#object(path)), { abortSignal })
          return await Body!.transformToByteArray()
        } catch (thrown) {
          if (isNamed(thrown, 'NoSuchKey')) return undefined
          if (statusOf(thrown) === 403 && (await this.#isMissing(path, abortSignal))) return undefined
          if (statusOf(thrown) !== undefined || tries === readTriesMax || abortSignal.aborted) throw thrown
          await pause(pauseMs * tries)
        }
      }
    })
  }

  async list(prefix: string): Promise<string[]> {
    assertPrefix(prefix)
    // In order of UTF-8 on S3, in none on its directory buckets.
    return (await this.#names(prefix)).filter(isPath).sort()
  }

  /** Deletes all that lies here, also what the port does not show. */
  async clear(): Promise<void> {
    const names = await this.#names('')
    for (let at = 0; at < names.length; at += deletionsMax)
      await Promise.all(names.slice(at, at + deletionsMax).map((name) => this.#delete(name)))
  }

  /** What follows the prefix of this place in each key. */
  #names(prefix: string): Promise<string[]> {
    return this.#call('Listing', async ({ sdk, client }, abortSignal) => {
      const found: string[] = []
      let token: string | undefined
      do {
        const page = await client.send(
          new sdk.ListObjectsV2Command({
            Bucket: this.#options.bucket,
            Prefix: `${this.#keyPrefix}${prefix}`,
            ContinuationToken: token,
          }),
          { abortSignal },
        )
        for (const { Key } of page.Contents ?? []) found.push(Key!.slice(this.#keyPrefix.length))
        token = page.NextContinuationToken
      } while (token !== undefined)
      return found
    })
  }

  async delete(path: string): Promise<void> {
    assertPath(path)
    await this.#delete(path)
  }

  #delete(name: string): Promise<void> {
    return this.#call(`Deleting ${name} from`, async ({ sdk, client }, abortSignal) => {
      await client.send(new sdk.DeleteObjectCommand(this.#object(name)), { abortSignal })
    })
  }

  #object(path: string): { Bucket: string; Key: string } {
    return { Bucket: this.#options.bucket, Key: `${this.#keyPrefix}${path}` }
  }

  async #call<T>(doing: string, work: (connection: S3Connection, abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(await connect(this.#options), AbortSignal.timeout(this.#callMsMax))
    } catch (thrown) {
      throw s3Error(`${doing} ${this.location}`, thrown)
    }
  }

  /** Once for each that is opened; what failed for another reason than the store's nature is asked again. */
  async #assertCreatesOnce(): Promise<void> {
    this.#createsOnce ??= assertCreatesOnce({
      location: this.location,
      create: (path, bytes) => this.#create(path, bytes),
      delete: (path) => this.#delete(path),
    })
    try {
      await this.#createsOnce
    } catch (thrown) {
      this.#createsOnce = undefined
      throw thrown
    }
  }

  #create(path: string, bytes: Uint8Array): Promise<Created> {
    const writer = randomUUID()
    return this.#call(`Writing ${path} to`, async ({ sdk, client }, abortSignal) => {
      for (let tries = 1; ; tries += 1) {
        try {
          await client.send(
            new sdk.PutObjectCommand({
              ...this.#object(path),
              Body: bytes,
              IfNoneMatch: '*',
              Metadata: { [writerKey]: writer },
            }),
            { abortSignal },
          )
          return 'made'
        } catch (thrown) {
          if (isNamed(thrown, 'PreconditionFailed') || statusOf(thrown) === 412)
            return (await this.#writerOf(path, abortSignal)) === writer ? 'made' : 'there'
          if (!isConflict(thrown) || tries === conflictTriesMax) throw thrown
          await pause(pauseMs * tries)
        }
      }
    })
  }

  async #writerOf(path: string, abortSignal: AbortSignal): Promise<string | undefined> {
    const { sdk, client } = await connect(this.#options)
    try {
      const { Metadata } = await client.send(new sdk.HeadObjectCommand(this.#object(path)), { abortSignal })
      return Metadata?.[writerKey]
    } catch (thrown) {
      // Deleted meanwhile: not by the writer of this, who waits for its answer.
      if (statusOf(thrown) === 404) return undefined
      if (statusOf(thrown) === 403 && (await this.#isMissing(path, abortSignal))) return undefined
      throw thrown
    }
  }

  /**
   * Whether a file that may not be read is not there: S3 tells that only those who may list the whole bucket, and not
   * those whose rights end at a prefix.
   */
  async #isMissing(path: string, abortSignal: AbortSignal): Promise<boolean> {
    const { sdk, client } = await connect(this.#options)
    const { Bucket, Key } = this.#object(path)
    try {
      const { Contents } = await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: Key, MaxKeys: 1 }), {
        abortSignal,
      })
      return Contents?.[0]?.Key !== Key
    } catch {
      // The refusal that led here says more.
      return false
    }
  }
}

/** S3 answers so when another request to the same key came in between ("conditional writes": upload it again). */
function isConflict(thrown: unknown): boolean {
  return isNamed(thrown, 'ConditionalRequestConflict', 'OperationAborted') || statusOf(thrown) === 409
}

/**
 * Opens a place in a bucket. Nothing is loaded or asked before the first call. The first `createIfAbsent` asks the
 * store whether it honours If-None-Match (see {@link assertCreatesOnce}).
 */
export function s3Storage(options: S3StorageOptions): CheckpointStorage {
  return new S3Storage(options)
}

/** Deletes all that lies in a place, for good. */
export async function clearS3(options: S3StorageOptions): Promise<void> {
  await new S3Storage(options).clear()
}
