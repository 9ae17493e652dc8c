import { isLightflusError, LightflusError, type OperatorKind } from '@lightflus/api'
import {
  keyGroupsOfSubtask,
  type CheckpointManifest,
  type PhysicalPlan,
  type SnapshotReference,
  type StateSegment,
  type SubtaskAddress,
} from '@lightflus/engine'
import {
  checkpointFolder,
  decodeFile,
  encodeFile,
  folderOf,
  missingFile,
  repeatingSinks,
  restorable,
  type CheckpointStorage,
  type EncodedFile,
  type FileName,
  type LoggedCheckpoint,
  type LogState,
} from '@lightflus/storage'
import { bringSegments, type LeftSegment, type SegmentsWanted } from './restored-segments.ts'
import { readPieces, type SegmentDisk } from './segment-disk.ts'
import { SegmentUploads } from './segment-uploads.ts'
import { unpackSnapshot } from './snapshot-codec.ts'
import type { StoredSnapshot } from './snapshot-format.ts'
import type { StoredSegment } from './stored-segment.ts'

export const manifestFormatVersion = 1

/** A subtask's snapshot in storage, as the manifest refers to it. */
interface StoredFile extends FileName {
  /** Of the file itself. */
  readonly bytes: number
  /** What its operators have beside it, which other snapshots may share. Absent: nothing. */
  readonly segments?: readonly StoredSegment[]
}

/** A manifest as its file holds it. */
export interface StoredManifest extends CheckpointManifest {
  readonly formatVersion: number
  /** What the program was when the checkpoint was made. */
  readonly graphHash: string
  readonly operators: readonly { readonly id: string; readonly kind: OperatorKind }[]
}

const storedFile = (reference: SnapshotReference): StoredFile => reference as unknown as StoredFile

export interface CheckpointFilesOptions {
  readonly storage: CheckpointStorage
  readonly attempt: number
  readonly plan: PhysicalPlan
  readonly graphHash: string
  /** Reads segments of state where the slots have left them. Default: from the file system. */
  readonly readFile?: SegmentDisk['read']
  /** Segments that storage holds, of the checkpoint that was restored. Default: none. */
  readonly restored?: readonly StoredSegment[]
}

/** What the log says of where a checkpoint's files lie, and how many bytes they are. */
type StoredAs = Pick<LoggedCheckpoint, 'manifest' | 'bytes' | 'bytesNew' | 'folders' | 'segments'>

/** Writes the files of one attempt's checkpoints. What it writes exists only once the log names its manifest. */
export class CheckpointFiles {
  readonly #storage: CheckpointStorage
  readonly #attempt: number
  readonly #plan: PhysicalPlan
  readonly #graphHash: string
  readonly #segments: SegmentUploads

  constructor(options: CheckpointFilesOptions) {
    const { storage, attempt, readFile = readPieces, restored = [] } = options
    this.#storage = storage
    this.#attempt = attempt
    this.#plan = options.plan
    this.#graphHash = options.graphHash
    this.#segments = new SegmentUploads({ storage, attempt, readFile, restored })
  }

  /**
   * @param segments of the snapshot's operators: those that storage does not hold are stored with it
   * @throws what the storage throws, and reading the segments; LF_CHECKPOINT_FAILED
   */
  async putSnapshot(
    subtask: SubtaskAddress,
    checkpoint: number | 'finished',
    file: EncodedFile,
    segments: readonly StateSegment[] = [],
  ): Promise<SnapshotReference> {
    // A chain goes by its place in the plan: its id is a name of the user's choice, and no name of a file.
    const chain = this.#plan.chains.findIndex(({ id }) => id === subtask.chain)
    const path = `${checkpointFolder(this.#attempt, checkpoint)}${chain}-${subtask.index}`
    const stored = await this.#segments.store({ chain, index: subtask.index }, checkpoint, segments)
    await this.#storage.put(path, file.bytes)
    const { sha256, bytes } = file
    const reference = { path, sha256, bytes: bytes.byteLength }
    return stored.length === 0 ? reference : { ...reference, segments: stored.map((each) => ({ ...each })) }
  }

  /** The attempt is over: segments that are on their way need not arrive. */
  close(): void {
    this.#segments.close()
  }

  /** @param kept the checkpoints that are kept so far @throws what the storage throws */
  async putManifest(manifest: CheckpointManifest, kept: readonly LoggedCheckpoint[] = []): Promise<StoredAs> {
    const stored: StoredManifest = {
      formatVersion: manifestFormatVersion,
      graphHash: this.#graphHash,
      operators: this.#plan.chains.flatMap(({ operators }) => operators.map(({ id, kind }) => ({ id, kind }))),
      ...manifest,
    }
    const file = await encodeFile('manifest', Buffer.from(JSON.stringify(stored)))
    const own = checkpointFolder(this.#attempt, manifest.checkpoint)
    const path = `${own}manifest`
    await this.#storage.put(path, file.bytes)
    const snapshots = manifest.subtasks.map(({ snapshot }) => storedFile(snapshot))
    const ownBytes = snapshots.reduce((sum, { bytes }) => sum + bytes, file.bytes.byteLength)
    return {
      manifest: { path, sha256: file.sha256 },
      bytes: ownBytes,
      folders: [...new Set([own, ...snapshots.map((each) => folderOf(each.path)!.folder)])],
      ...withSegments(ownBytes, segmentsOf(manifest), kept),
    }
  }

  /** Deletes snapshots that no checkpoint will name. */
  async discard(snapshots: readonly SnapshotReference[]): Promise<void> {
    for (const snapshot of snapshots) await this.#storage.delete(storedFile(snapshot).path)
  }
}

/** Each once, with the key groups of every subtask that names it. */
function segmentsOf({ parallelism, subtasks }: CheckpointManifest): LeftSegment[] {
  const found = new Map<string, LeftSegment>()
  for (const { index, snapshot } of subtasks) {
    for (const segment of storedFile(snapshot).segments ?? []) {
      const { keyGroups = [] } = found.get(segment.folder) ?? {}
      found.set(segment.folder, { ...segment, keyGroups: [...keyGroups, keyGroupsOfSubtask(index, parallelism)] })
    }
  }
  return [...found.values()]
}

function withSegments(
  ownBytes: number,
  segments: readonly StoredSegment[],
  kept: readonly LoggedCheckpoint[],
): Pick<LoggedCheckpoint, 'bytes' | 'bytesNew' | 'segments'> | undefined {
  if (segments.length === 0) return undefined
  const known = new Set(kept.flatMap((each) => each.segments ?? []))
  const sum = (of: readonly StoredSegment[]): number => of.reduce((total, { bytes }) => total + bytes, ownBytes)
  return {
    bytes: sum(segments),
    bytesNew: sum(segments.filter(({ folder }) => !known.has(folder))),
    segments: segments.map(({ folder }) => folder),
  }
}

async function read(storage: CheckpointStorage, path: string): Promise<Uint8Array> {
  const bytes = await storage.get(path)
  if (bytes) return bytes
  throw missingFile({ path, location: storage.location })
}

/** @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT and what the storage throws */
export async function readManifest(storage: CheckpointStorage, { path, sha256 }: FileName): Promise<StoredManifest> {
  const place = { path, location: storage.location }
  const payload = await decodeFile('manifest', await read(storage, path), place, sha256)
  const manifest = JSON.parse(Buffer.from(payload).toString()) as StoredManifest
  if (manifest.formatVersion === manifestFormatVersion) return manifest
  throw new LightflusError(
    'LF_CHECKPOINT_FORMAT',
    `${path} in ${storage.location} has format ${manifest.formatVersion}; this version reads format ${manifestFormatVersion}.`,
    { details: { path, format: manifest.formatVersion } },
  )
}

export interface ReadCheckpoint {
  readonly logged: LoggedCheckpoint
  readonly snapshots: readonly StoredSnapshot[]
  /** Segments of state that it names. */
  readonly segments: readonly StoredSegment[]
  /** Where those lie that were wanted, by their names. */
  readonly paths: ReadonlyMap<string, string>
}

/**
 * One after the other, so that no more than one need be in memory. Segments of state are not read.
 * @throws as {@link readCheckpoint}
 */
export async function* readSnapshots(
  storage: CheckpointStorage,
  logged: LoggedCheckpoint,
): AsyncGenerator<StoredSnapshot, void> {
  yield* snapshotsOf(storage, await readManifest(storage, logged.manifest))
}

async function* snapshotsOf(
  storage: CheckpointStorage,
  { subtasks }: StoredManifest,
): AsyncGenerator<StoredSnapshot, void> {
  for (const { snapshot } of subtasks) {
    const { path, sha256 } = storedFile(snapshot)
    yield await unpackSnapshot(await read(storage, path), { path, location: storage.location }, sha256)
  }
}

/**
 * @param wanted segments of state that are to be brought to this process's disk; default: none, nor are they read
 * @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT and what the storage throws
 */
export async function readCheckpoint(
  storage: CheckpointStorage,
  logged: LoggedCheckpoint,
  wanted?: SegmentsWanted,
): Promise<ReadCheckpoint> {
  const manifest = await readManifest(storage, logged.manifest)
  const snapshots: StoredSnapshot[] = []
  for await (const snapshot of snapshotsOf(storage, manifest)) snapshots.push(snapshot)
  const segments = segmentsOf(manifest)
  const paths = wanted ? await bringSegments(storage, segments, wanted) : new Map<string, string>()
  return { logged, snapshots, segments, paths }
}

/**
 * The newest checkpoint that is whole. Going back behind a damaged one repeats records, as delivery at least once
 * allows, and loses none. But what a sink has written exactly once is never written again: where going back would, it fails.
 * @param log says what may be restored from
 * @param onDamaged told of each that is passed over
 * @param wanted as of {@link readCheckpoint}
 * @throws LF_CHECKPOINT_DAMAGED of the newest when none is whole, or where sinks would repeat what they may have committed;
 * LF_CHECKPOINT_FORMAT; what the storage throws
 */
export async function readNewestCheckpoint(
  storage: CheckpointStorage,
  log: LogState,
  onDamaged: (checkpoint: LoggedCheckpoint, error: LightflusError) => void,
  wanted?: SegmentsWanted,
): Promise<ReadCheckpoint | undefined> {
  const damaged: { readonly logged: LoggedCheckpoint; readonly error: LightflusError }[] = []
  for (const logged of restorable(log)) {
    const repeating = repeatingSinks(log, logged)
    if (damaged.length > 0 && repeating.length > 0) throw wouldRepeat(damaged[0].error, logged, repeating)
    try {
      const read = await readCheckpoint(storage, logged, wanted)
      for (const each of damaged) onDamaged(each.logged, each.error)
      return read
    } catch (thrown) {
      if (!isLightflusError(thrown) || thrown.code !== 'LF_CHECKPOINT_DAMAGED') throw thrown
      damaged.push({ logged, error: thrown })
    }
  }
  if (damaged.length > 0) throw damaged[0].error
  return undefined
}

function wouldRepeat(damage: LightflusError, { kind, checkpoint }: LoggedCheckpoint, sinks: string[]): LightflusError {
  const those = sinks.length === 1 ? `Sink ${sinks[0]}` : `Sinks ${sinks.join(', ')}`
  return new LightflusError(
    'LF_CHECKPOINT_DAMAGED',
    `${damage.message} ${those} may have committed output since ${kind} ${checkpoint}, the one before, and would write it again.`,
    {
      details: { ...damage.details, checkpoint, sinks },
      nextStep:
        'Bring the file back from a copy. Otherwise start the job afresh, without its checkpoints; what these sinks have written is then written again, so clear their targets first.',
      cause: damage,
    },
  )
}
