import { toLightflusError, type SerializedError } from '@lightflus/api'
import { subtaskId, type SnapshotReference, type StateSegment, type SubtaskAddress } from '@lightflus/engine'
import type { EncodedFile } from '@lightflus/storage'
import type { CheckpointFiles } from '../checkpoint/checkpoint-files.ts'

export type Stored = { readonly snapshot: SnapshotReference } | { readonly error: SerializedError }

/** A subtask's snapshot as its slot sends it. */
interface UnstoredPart {
  readonly file: EncodedFile
  readonly segments: readonly StateSegment[]
}

/** Stores the snapshots of a worker's subtasks; what is told of those of one subtask is told in their order. */
export class SnapshotStores {
  readonly #files: Pick<CheckpointFiles, 'putSnapshot' | 'close'>
  readonly #stores = new Map<string, Promise<void>>()

  constructor(files: Pick<CheckpointFiles, 'putSnapshot' | 'close'>) {
    this.#files = files
  }

  put(
    subtask: SubtaskAddress,
    checkpoint: number | 'finished',
    part: UnstoredPart,
    onStored: (stored: Stored) => void,
  ): void {
    const before = this.#stores.get(subtaskId(subtask)) ?? Promise.resolve()
    const stored = before.then(async () => onStored(await this.#store(subtask, checkpoint, part)))
    this.#stores.set(subtaskId(subtask), stored)
  }

  close(): void {
    this.#files.close()
  }

  async #store(subtask: SubtaskAddress, checkpoint: number | 'finished', part: UnstoredPart): Promise<Stored> {
    try {
      return { snapshot: await this.#files.putSnapshot(subtask, checkpoint, part.file, part.segments) }
    } catch (thrown) {
      const error = toLightflusError(thrown, 'LF_STORAGE_FAILED', `Checkpoint storage failed: ${String(thrown)}`)
      return { error: error.toJSON() }
    }
  }
}
