import { createHash, randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import type { CheckpointStorage } from '../checkpoint-storage.ts'
import { lowestFloor, readFloor, type Floor } from './ingest-floor.ts'
import { numberOf, segmentPath, segmentsPrefix } from './ingest-layout.ts'
import { RequestWindow } from './request-window.ts'
import { decodeSegment, encodeSegment, sizeOf, type RequestMark, type Segment } from './segment.ts'

/** Every so many segments one holds all marks of the requests before it. */
export const segmentsPerWindow = 8
/** Requests that may wait for those before them to be written; more are refused. */
const requestsWaitingMax = 1_000
/** When a client that found the log full may try again, seconds. */
const fullRetrySeconds = 5

export interface IngestWriterOptions {
  readonly storage: CheckpointStorage
  readonly job: string
  readonly endpoint: string
  /** Most that the log may hold, bytes of records. */
  readonly bytesMax: number
  /** Requests are written together up to so many bytes. */
  readonly segmentBytesMax: number
  readonly now: () => number
  /** How long the first request of a segment waits for others, milliseconds. */
  readonly lingerMs: number
}

export interface Request {
  readonly records: readonly Uint8Array[]
  /** Of its `Idempotency-Key`, if it has one. */
  readonly key: string | undefined
}

export interface Accepted {
  /** A request with this key and body had been accepted before: nothing was written. */
  readonly duplicate: boolean
}

interface Waiting extends Request {
  readonly mark: RequestMark | undefined
  readonly bytes: number
  readonly accept: (accepted: Accepted) => void
  readonly refuse: (reason: unknown) => void
}

/** What the writer knows of the log: everything up to the segment before `next`. */
interface Head {
  next: number
  bytes: number
  readonly window: RequestWindow
}

const hash = (length: number, ...parts: readonly (string | Uint8Array)[]): string => {
  const made = createHash('sha256')
  for (const part of parts) made.update(part)
  return made.digest('hex').slice(0, length)
}

function markOf({ key, records }: Request): RequestMark | undefined {
  if (key === undefined) return undefined
  const ends = records.map(({ byteLength }) => byteLength).join()
  return [hash(32, key), hash(16, ends, ...records)]
}

/**
 * Appends requests to the log of one endpoint. Any number of writers, in any processes, may append to one log at once.
 *
 * 1. A segment takes the number after all that its writer has read, by create-if-absent: so whoever makes one knows
 *    every request before it, and no key is accepted twice.
 * 2. A number below the floor is free again, but nobody reads there: a writer that has made such a segment (it slept for
 *    long) sees the floor afterwards, takes the segment back and begins anew. The floor stands before anything is deleted.
 * 3. After an error it is unknown whether the segment is there, so its requests are refused. If it is, the next try finds
 *    the number taken, and reads it: a client that repeats a request, with its key, learns what became of it.
 */
export class IngestWriter {
  readonly #options: IngestWriterOptions
  readonly #waiting: Waiting[] = []
  #head: Head | undefined
  #floor: Floor = lowestFloor
  #writing = false

  constructor(options: IngestWriterOptions) {
    this.#options = options
  }

  /**
   * Resolves once the request's records are in the log, all of them.
   * @throws LF_INGEST_FULL, LF_IDEMPOTENCY_MISMATCH and what the storage throws: then none is, or, after an error of the
   * storage, all may be
   */
  append(request: Request): Promise<Accepted> {
    if (this.#waiting.length >= requestsWaitingMax)
      return Promise.reject(this.#full(`${requestsWaitingMax} requests wait already`))
    const { promise, resolve, reject } = Promise.withResolvers<Accepted>()
    const bytes = request.records.reduce((sum, { byteLength }) => sum + byteLength + Int32Array.BYTES_PER_ELEMENT, 0)
    this.#waiting.push({ ...request, mark: markOf(request), bytes, accept: resolve, refuse: reject })
    if (!this.#writing) void this.#writeAll()
    return promise
  }

  async #writeAll(): Promise<void> {
    this.#writing = true
    const { lingerMs } = this.#options
    if (lingerMs > 0) await new Promise((resolve) => setTimeout(resolve, lingerMs))
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch()
      try {
        await this.#write(batch)
      } catch (thrown) {
        for (const { refuse } of batch) refuse(thrown)
      }
    }
    this.#writing = false
  }

  /** The next that are written together: of one key only one, since the other's fate hangs on it. */
  #takeBatch(): Waiting[] {
    const keys = new Set<string>()
    let bytes = 0
    let count = 0
    for (const { mark, bytes: more } of this.#waiting) {
      bytes += more
      if (count > 0 && bytes > this.#options.segmentBytesMax) break
      if (mark && keys.has(mark[0])) break
      if (mark) keys.add(mark[0])
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    for (;;) {
      const head = (this.#head ??= await this.#readHead())
      const fresh = this.#judge(batch, head.window)
      if (fresh.length === 0) return
      const bytes = fresh.reduce((sum, each) => sum + each.bytes, 0)
      if (!(await this.#hasRoom(head, bytes))) {
        const full = this.#full(`it holds ${head.bytes - this.#floor.bytesBefore} bytes that the job has not let go of`)
        for (const { refuse } of fresh) refuse(full)
        return
      }
      if (await this.#make(head, fresh)) {
        for (const { accept } of fresh) accept({ duplicate: false })
        return
      }
    }
  }

  /** Answers those that need not be written, and gives back the others. */
  #judge(batch: readonly Waiting[], window: RequestWindow): Waiting[] {
    return batch.filter(({ mark, accept, refuse }) => {
      const verdict = mark ? window.judge(mark) : 'new'
      if (verdict === 'accepted') accept({ duplicate: true })
      if (verdict === 'other') refuse(mismatch())
      return verdict === 'new'
    })
  }

  async #hasRoom(head: Head, bytes: number): Promise<boolean> {
    const { storage, endpoint, bytesMax } = this.#options
    const fits = () => head.bytes - this.#floor.bytesBefore + bytes <= bytesMax
    if (fits()) return true
    this.#floor = await readFloor(storage, endpoint, this.#floor)
    return fits()
  }

  /** Whether the segment is the log's; if not, more is known of the log than before. */
  async #make(head: Head, requests: readonly Waiting[]): Promise<boolean> {
    const { storage, endpoint } = this.#options
    const segment = this.#segment(head, requests)
    const path = segmentPath(endpoint, segment.number)
    if (!(await storage.createIfAbsent(path, await encodeSegment(segment)))) {
      const file = await storage.get(path)
      // Made by another and let go of by now: this writer is far behind.
      if (!file) this.#head = undefined
      if (!file) return false
      const there = await decodeSegment(file, { path, location: storage.location })
      this.#absorb(head, there)
      // A driver over a network may have made it in a try that seemed to fail.
      return there.writer === segment.writer
    }
    this.#floor = await readFloor(storage, endpoint, this.#floor)
    if (segment.number < this.#floor.segment) {
      this.#head = undefined
      await storage.delete(path)
      return false
    }
    this.#absorb(head, segment)
    return true
  }

  #segment(head: Head, requests: readonly Waiting[]): Segment {
    const records = requests.flatMap((each) => each.records)
    let end = 0
    return {
      number: head.next,
      writer: randomUUID(),
      at: this.#options.now(),
      bytesBefore: head.bytes,
      bytesMax: this.#options.bytesMax,
      marks: requests.flatMap(({ mark }) => (mark ? [mark] : [])),
      ...(head.next % segmentsPerWindow === 0 ? { window: head.window.marks() } : {}),
      ends: Int32Array.from(records, ({ byteLength }) => (end += byteLength)),
      bytes: Buffer.concat(records),
    }
  }

  #absorb(head: Head, segment: Segment): void {
    for (const mark of segment.marks) head.window.add(mark)
    head.next = segment.number + 1
    head.bytes = segment.bytesBefore + sizeOf(segment)
  }

  /** Reads back to a segment that holds the marks of all before it. */
  async #readHead(): Promise<Head> {
    const { storage, endpoint } = this.#options
    this.#floor = await readFloor(storage, endpoint, this.#floor)
    const newest = (await storage.list(segmentsPrefix(endpoint))).map(numberOf).at(-1)
    const head: Head = { next: this.#floor.segment, bytes: this.#floor.bytesBefore, window: new RequestWindow() }
    if (newest === undefined) return head
    const read: Segment[] = []
    for (let number = newest; number >= this.#floor.segment; number -= 1) {
      const path = segmentPath(endpoint, number)
      const file = await storage.get(path)
      if (!file) break
      const segment = await decodeSegment(file, { path, location: storage.location })
      read.unshift(segment)
      if (segment.window) break
    }
    for (const mark of read[0]?.window ?? []) head.window.add(mark)
    for (const segment of read) this.#absorb(head, segment)
    return head
  }

  #full(why: string): LightflusError {
    const { job, endpoint } = this.#options
    return new LightflusError(
      'LF_INGEST_FULL',
      `Endpoint ${endpoint} of job ${job} takes no more for now: ${why}; try again in ${fullRetrySeconds} s.`,
      { details: { job, endpoint, retryAfterSeconds: fullRetrySeconds } },
    )
  }
}

const mismatch = (): LightflusError =>
  new LightflusError('LF_IDEMPOTENCY_MISMATCH', 'This Idempotency-Key belongs to another request.')
