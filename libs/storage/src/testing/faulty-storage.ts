import { LightflusError } from '@lightflus/api'
import type { CheckpointStorage } from '../checkpoint-storage.ts'
import { assertPath, assertPrefix } from '../storage-path.ts'

/**
 * What can go wrong with one call, beside being slow. Each is something that a driver which keeps the contract may do:
 *
 * - `fails before`: rejects, and nothing has happened.
 * - `fails after`: rejects although it has happened: the answer was lost. Writes and deletions.
 * - `happens late`: rejects, and happens some time afterwards: a request that was given up but is still on its way. A store
 *   behind a network does that, a folder does not. Writes and deletions.
 * - `tears`: a `put` rejects and leaves the beginning of its bytes, as a disk may that lies of its syncs and loses power. No
 *   driver here does it otherwise, and none to a file that create-if-absent makes.
 */
export type StorageFault = 'fails before' | 'fails after' | 'happens late' | 'tears'

export type StorageCall = 'put' | 'createIfAbsent' | 'get' | 'list' | 'delete'

export interface FaultyStorageOptions {
  /** Next number in [0, 1) of a seeded sequence: all that is drawn here comes from it, in the order of the calls. */
  readonly random: () => number
  /** Waits in the time of the simulation. */
  readonly pause: (ms: number) => Promise<void>
  /** Chance of each fault for one call that may have it, 0 to 1. Absent: never. At most 1 together. */
  readonly chances: Readonly<Partial<Record<StorageFault, number>>>
  /** Longest pause before a call takes effect, again before it answers, and before what happens late; ms. Default 0. */
  readonly slowMsMax?: number
  /** Told of each fault, for the line that replays a failing run. */
  readonly onFault?: (fault: StorageFault, call: StorageCall, path: string) => void
}

const faultsOf = {
  put: ['fails before', 'fails after', 'happens late', 'tears'],
  createIfAbsent: ['fails before', 'fails after', 'happens late'],
  delete: ['fails before', 'fails after', 'happens late'],
  get: ['fails before'],
  list: ['fails before'],
} as const satisfies Record<StorageCall, readonly StorageFault[]>

/** What one call was dealt: drawn at its beginning, so that the order of calls alone decides. */
interface Lot {
  readonly fault: StorageFault | undefined
  readonly beforeMs: number
  readonly afterMs: number
  /** Where a torn write ends, as a share of its bytes. */
  readonly tornAt: number
}

/**
 * A storage whose calls fail and take their time as a seed says. What is behind it may be shared: several of these over
 * one storage are several processes, each with a network of its own.
 */
export function faultyStorage(inner: CheckpointStorage, options: FaultyStorageOptions): CheckpointStorage {
  const { random, pause, chances, slowMsMax = 0, onFault } = options

  const draw = (call: StorageCall): Lot => {
    let left = random()
    const [beforeMs, afterMs] = [Math.floor(random() * (slowMsMax + 1)), Math.floor(random() * (slowMsMax + 1))]
    const tornAt = random()
    const fault = faultsOf[call].find((each) => (left -= chances[each] ?? 0) < 0)
    return { fault, beforeMs, afterMs, tornAt }
  }

  const wait = (ms: number): Promise<void> => (ms === 0 ? Promise.resolve() : pause(ms))

  const run = async <T>(
    call: StorageCall,
    path: string,
    effect: () => Promise<T>,
    tear?: (share: number) => Promise<void>,
  ): Promise<T> => {
    const { fault, beforeMs, afterMs, tornAt } = draw(call)
    if (fault !== undefined) onFault?.(fault, call, path)
    await wait(beforeMs)
    if (fault === 'fails before') throw failed(call, path)
    if (fault === 'happens late') {
      // Whatever becomes of it, nobody is there to hear it.
      void wait(afterMs)
        .then(effect)
        .catch(() => undefined)
      throw failed(call, path)
    }
    if (fault === 'tears') {
      await tear!(tornAt)
      throw failed(call, path)
    }
    const result = await effect()
    await wait(afterMs)
    if (fault === 'fails after') throw failed(call, path)
    return result
  }

  return {
    location: `faulty ${inner.location}`,
    durable: inner.durable,
    async put(path, given) {
      assertPath(path)
      const bytes = new Uint8Array(given)
      await run(
        'put',
        path,
        () => inner.put(path, bytes),
        (share) => inner.put(path, bytes.subarray(0, Math.floor(share * bytes.byteLength))),
      )
    },
    async createIfAbsent(path, given) {
      assertPath(path)
      const bytes = new Uint8Array(given)
      return run('createIfAbsent', path, () => inner.createIfAbsent(path, bytes))
    },
    async get(path) {
      assertPath(path)
      return run('get', path, () => inner.get(path))
    },
    async list(prefix) {
      assertPrefix(prefix)
      return run('list', prefix, () => inner.list(prefix))
    },
    async delete(path) {
      assertPath(path)
      await run('delete', path, () => inner.delete(path))
    },
  }
}

function failed(call: StorageCall, path: string): LightflusError {
  return new LightflusError('LF_STORAGE_FAILED', `A fault was injected into ${call} of ${path || 'all'}.`)
}
