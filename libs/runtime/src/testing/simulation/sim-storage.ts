import {
  checkpointFolder,
  claimJob,
  folderOf,
  memoryStorage,
  segmentOf,
  type CheckpointStorage,
  type LogState,
} from '@lightflus/storage'
import type { Mutation } from './mutations.ts'
import type { SimVersion } from './sim-jobs.ts'
import { Violation, type World } from './world.ts'

interface Entry {
  readonly number: number
  /** Starts with who claimed the job: see job-log.ts. */
  readonly writer: string
  readonly event: { readonly kind: string }
  readonly state: LogState
}

/** Bytes before the payload of a file: see file-codec.ts. */
const headerBytes = 48
const holderOf = ({ writer }: Entry): string => writer.split('/')[0]
const entryOf = (bytes: Uint8Array): Entry => JSON.parse(Buffer.from(bytes.subarray(headerBytes)).toString()) as Entry

/**
 * The place that all attempts of a job share, with an eye on it: what the log says, that no checkpoint id is used by two
 * attempts, and that nothing is deleted which may be restored.
 */
export class SimPlace {
  readonly storage: CheckpointStorage
  newest: Entry | undefined
  /** The latest version of the program that a process was started with. */
  newestVersion: SimVersion | undefined
  readonly #world: World
  readonly #inner = memoryStorage()
  /** Attempts by the checkpoint ids that they have used. */
  readonly #usedBy = new Map<number, number>()
  /** By attempt, the newest of its checkpoints that exists. */
  readonly #existsTo = new Map<number, number>()
  /** By attempt: the one since whose start the job's output counts. */
  readonly #generations = new Map<number, number>()
  readonly #holders = new Set<string>()
  #damaged: { readonly path: string; readonly bytes: Uint8Array } | undefined

  constructor(world: World, mutation: Mutation | undefined) {
    this.#world = world
    const inner = this.#inner
    this.storage = {
      ...inner,
      durable: true,
      put: (path, bytes) => {
        const folder = folderOf(path) ?? segmentOf(path)
        if (folder && folder.checkpoint !== 'finished') this.uses(folder.attempt, folder.checkpoint)
        return inner.put(path, bytes)
      },
      createIfAbsent: async (path, bytes) => {
        const isOverwritten = mutation === 'no-fencing-in-log'
        if (isOverwritten) await inner.put(path, bytes)
        const made = isOverwritten || (await inner.createIfAbsent(path, bytes))
        if (made) this.#made(entryOf(bytes))
        return made
      },
      delete: async (path) => {
        if (mutation === 'retention-too-eager' && folderOf(path))
          for (const each of await inner.list(checkpointFolder(this.newest!.state.attempt, 'finished')))
            await this.#delete(each)
        if (mutation === 'shared-file-deleted-too-early') await this.#deleteAsIfOwned()
        if (mutation !== 'shared-file-leaked' || !segmentOf(path)) await this.#delete(path)
      },
    }
  }

  /** The newest checkpoint of the attempt that exists; 0: none. */
  readonly existsTo = (attempt: number): number => this.#existsTo.get(attempt) ?? 0

  /**
   * Attempts that go on from one another are of one generation; what others wrote has nothing to do with theirs.
   * @param former whose checkpoint the attempt restores
   */
  began(attempt: number, former: number | undefined, afresh: LogState['afresh']): void {
    this.#generations.set(attempt, former === undefined ? (afresh?.attempt ?? 0) : this.generationOf(former))
  }

  readonly generationOf = (attempt: number): number => this.#generations.get(attempt) ?? 0

  /** The newest attempt of a generation of which there is a checkpoint. */
  newestOf(generation: number): number | undefined {
    return [...this.#existsTo.keys()].filter((attempt) => this.generationOf(attempt) === generation).at(-1)
  }

  uses(attempt: number, checkpoint: number): void {
    const other = this.#usedBy.get(checkpoint) ?? attempt
    if (other !== attempt) this.#world.violate(`attempts ${other} and ${attempt} both use checkpoint id ${checkpoint}`)
    this.#usedBy.set(checkpoint, attempt)
  }

  /** One file of the newest checkpoint rots, until it is mended. */
  async damage(): Promise<void> {
    const newest = this.newest?.state.checkpoints.at(-1)
    if (!newest || this.#damaged) return
    const segments = (await this.#inner.list('')).filter((each) =>
      newest.segments?.includes(segmentOf(each)?.folder ?? ''),
    )
    const path = this.#world.dice.pick([newest.manifest.path, ...segments])
    const bytes = await this.#inner.get(path)
    if (!bytes) return
    this.#damaged = { path, bytes }
    await this.#inner.put(path, bytes.subarray(0, bytes.length - 1))
  }

  async mend(): Promise<boolean> {
    if (!this.#damaged) return false
    const { path, bytes } = this.#damaged
    this.#damaged = undefined
    await this.#inner.put(path, bytes)
    return true
  }

  #made(entry: Entry): void {
    const { number, event, state } = entry
    const before = this.newest
    const { attempt: by, committedTo, checkpoints } = state
    const last = checkpoints.at(-1)
    this.#world.trace(
      `entry ${number}: ${event.kind} by attempt ${by}; newest ${last?.checkpoint} ${last?.ending ?? ''} with ${last?.outputs.join()}, committed to ${committedTo}`,
    )
    // One that has come late is taken only where its number is free, so after the newest.
    if (before && number <= before.number) this.#world.violate(`entry ${number} is made after ${before.number}`)
    if (before && state.committedTo < before.state.committedTo) this.#world.violate('the log forgets what is committed')
    if (event.kind === 'claim') this.#claimed(entry, before)
    if (event.kind === 'checkpoint') {
      const { checkpoint, attempt } = state.checkpoints.at(-1)!
      const last = before?.state.checkpoints.at(-1)?.checkpoint ?? 0
      if (checkpoint <= last) this.#world.violate(`checkpoint ${checkpoint} comes after ${last}`)
      this.#existsTo.set(attempt, checkpoint)
    }
    this.newest = entry
  }

  /** After all is over, whoever starts the job again finds nothing that no checkpoint names. */
  async assertNothingLeft(): Promise<void> {
    const keeping = { checkpointsKept: 1, savepointsKept: 1 }
    const log = await claimJob({ storage: this.storage, job: 'sim', parallelism: 1, now: this.#world.now, ...keeping })
    await log.deleteOld()
    const kept = log.state.checkpoints.flatMap(({ folders, segments = [] }) => [...folders, ...segments])
    const left = (await this.#inner.list('checkpoints/')).filter(
      (path) => !kept.includes((folderOf(path) ?? segmentOf(path))!.folder),
    )
    if (left.length > 0) throw new Violation(`${left[0]} is left for ever, and ${left.length - 1} more`)
    for (const folder of log.state.checkpoints.flatMap(({ segments = [] }) => segments))
      if ((await this.#inner.list(folder)).length === 0) throw new Violation(`${folder} is gone`)
  }

  /** As if a segment went with the checkpoint that it was stored for. */
  async #deleteAsIfOwned(): Promise<void> {
    const kept = this.newest!.state.checkpoints.map(({ checkpoint }) => checkpoint)
    for (const path of await this.#inner.list('checkpoints/')) {
      const segment = segmentOf(path)
      if (segment && segment.checkpoint !== 'finished' && segment.checkpoint < kept[0]) await this.#delete(path)
    }
  }

  #claimed(entry: Entry, before: Entry | undefined): void {
    const holder = holderOf(entry)
    if (before && holderOf(before) !== holder && this.#holders.has(holder))
      this.#world.violate(`attempt ${entry.state.attempt} takes the job back from who had it claimed since`)
    this.#holders.add(holder)
  }

  async #delete(path: string): Promise<void> {
    const folder = (folderOf(path) ?? segmentOf(path))?.folder
    const checkpoints = this.newest?.state.checkpoints ?? []
    const kept = checkpoints.flatMap(({ folders, segments = [] }) => [...folders, ...segments])
    if (folder && kept.includes(folder) && (await this.#inner.get(path)))
      // A snapshot that came late, for a checkpoint that was given up, lies in no folder that is kept.
      this.#world.violate(`${path} is deleted, and a checkpoint that may be restored needs it`)
    await this.#inner.delete(path)
  }
}
