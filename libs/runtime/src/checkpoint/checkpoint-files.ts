import { isLightflusError, LightflusError, type OperatorKind } from '@lightflus/api'
import type { CheckpointManifest, PhysicalPlan, SnapshotReference, SubtaskAddress } from '@lightflus/engine'
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
import { unpackSnapshot } from './snapshot-codec.ts'
import type { StoredSnapshot } from './snapshot-format.ts'

export const manifestFormatVersion = 1

/** A subtask's snapshot in storage, as the manifest refers to it. */
interface StoredFile extends FileName {
  readonly bytes: number
}

/** A manifest as its file holds it. */
export interface StoredManifest extends CheckpointManifest {
  readonly formatVersion: number
  /** What the program was when the checkpoint was made. */
  readonly graphHash: string
  readonly operators: readonly { readonly id: string; readonly kind: OperatorKind }[]
}

const storedFile = (reference: SnapshotReference): StoredFile => reference as unknown as StoredFile

/** Writes the files of one attempt's checkpoints. What it writes exists only once the log names its manifest. */
export class CheckpointFiles {
  readonly #storage: CheckpointStorage
  readonly #attempt: number
  readonly #plan: PhysicalPlan
  readonly #graphHash: string

  constructor(options: {
    readonly storage: CheckpointStorage
    readonly attempt: number
    readonly plan: PhysicalPlan
    readonly graphHash: string
  }) {
    this.#storage = options.storage
    this.#attempt = options.attempt
    this.#plan = options.plan
    this.#graphHash = options.graphHash
  }

  /** @throws what the storage throws */
  async putSnapshot(
    subtask: SubtaskAddress,
    checkpoint: number | 'finished',
    file: EncodedFile,
  ): Promise<SnapshotReference> {
    // A chain goes by its place in the plan: its id is a name of the user's choice, and no name of a file.
    const chain = this.#plan.chains.findIndex(({ id }) => id === subtask.chain)
    const path = `${checkpointFolder(this.#attempt, checkpoint)}${chain}-${subtask.index}`
    await this.#storage.put(path, file.bytes)
    return { path, sha256: file.sha256, bytes: file.bytes.byteLength }
  }

  /** @throws what the storage throws */
  async putManifest(manifest: CheckpointManifest): Promise<Pick<LoggedCheckpoint, 'manifest' | 'bytes' | 'folders'>> {
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
    return {
      manifest: { path, sha256: file.sha256 },
      bytes: snapshots.reduce((sum, { bytes }) => sum + bytes, file.bytes.byteLength),
      folders: [...new Set([own, ...snapshots.map((each) => folderOf(each.path)!.folder)])],
    }
  }

  /** Deletes snapshots that no checkpoint will name. */
  async discard(snapshots: readonly SnapshotReference[]): Promise<void> {
    for (const snapshot of snapshots) await this.#storage.delete(storedFile(snapshot).path)
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
}

/** One after the other, so that no more than one need be in memory. @throws as {@link readCheckpoint} */
export async function* readSnapshots(
  storage: CheckpointStorage,
  logged: LoggedCheckpoint,
): AsyncGenerator<StoredSnapshot, void> {
  const manifest = await readManifest(storage, logged.manifest)
  for (const { snapshot } of manifest.subtasks) {
    const { path, sha256 } = storedFile(snapshot)
    yield await unpackSnapshot(await read(storage, path), { path, location: storage.location }, sha256)
  }
}

/** @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT and what the storage throws */
export async function readCheckpoint(storage: CheckpointStorage, logged: LoggedCheckpoint): Promise<ReadCheckpoint> {
  const snapshots: StoredSnapshot[] = []
  for await (const snapshot of readSnapshots(storage, logged)) snapshots.push(snapshot)
  return { logged, snapshots }
}

/**
 * The newest checkpoint that is whole. Going back behind a damaged one repeats records, as delivery at least once
 * allows, and loses none. But what a sink has written exactly once is never written again: where going back would, it fails.
 * @param log says what may be restored from
 * @param onDamaged told of each that is passed over
 * @throws LF_CHECKPOINT_DAMAGED of the newest when none is whole, or where sinks would repeat what they may have committed;
 * LF_CHECKPOINT_FORMAT; what the storage throws
 */
export async function readNewestCheckpoint(
  storage: CheckpointStorage,
  log: LogState,
  onDamaged: (checkpoint: LoggedCheckpoint, error: LightflusError) => void,
): Promise<ReadCheckpoint | undefined> {
  const damaged: { readonly logged: LoggedCheckpoint; readonly error: LightflusError }[] = []
  for (const logged of restorable(log)) {
    const repeating = repeatingSinks(log, logged)
    if (damaged.length > 0 && repeating.length > 0) throw wouldRepeat(damaged[0].error, logged, repeating)
    try {
      const read = await readCheckpoint(storage, logged)
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
