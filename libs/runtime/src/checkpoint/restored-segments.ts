import { LightflusError } from '@lightflus/api'
import { commonKeyGroups, keyGroupsOfSubtask, type KeyGroupRange } from '@lightflus/engine'
import type { CheckpointStorage } from '@lightflus/storage'
import type { SegmentDisk } from './segment-disk.ts'
import { readSegment, type StoredSegment } from './stored-segment.ts'

/** Of each a part or two is in memory. */
const broughtAtOnceMax = 4

/**
 * Segments of state that were brought back from storage, on the disk of a process, for all attempts of a deployment: what
 * the next one restores as well is still there.
 */
export class RestoredSegments {
  readonly #disk: SegmentDisk | undefined
  /** Paths, by folder in the storage: there is never another segment in it. */
  readonly #paths = new Map<string, string>()
  #number = 0

  /** @param disk undefined: the deployment has none for state */
  constructor(disk: SegmentDisk | undefined) {
    this.#disk = disk
  }

  /**
   * @returns its path. The file is not to be changed.
   * @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT, and what storage and disk throw; LF_DEPLOYMENT_OPTION where there
   * is no disk
   */
  async bring(storage: CheckpointStorage, segment: StoredSegment): Promise<string> {
    const there = this.#paths.get(segment.folder)
    if (there !== undefined) return there
    if (!this.#disk) throw withoutDisk(segment, storage)
    const path = await this.#disk.write(`${this.#number++}`, readSegment(storage, segment))
    this.#paths.set(segment.folder, path)
    return path
  }

  /** Removes all others: before the slots of an attempt begin, once those of the former have ended. */
  async keep(segments: readonly StoredSegment[]): Promise<void> {
    const kept = new Set(segments.map(({ folder }) => folder))
    for (const [folder, path] of [...this.#paths]) {
      if (kept.has(folder)) continue
      this.#paths.delete(folder)
      await this.#disk!.remove(path)
    }
  }
}

function withoutDisk({ name }: StoredSegment, { location }: CheckpointStorage): LightflusError {
  return new LightflusError(
    'LF_DEPLOYMENT_OPTION',
    `A checkpoint in ${location} holds state that lies on disk (${name}), and this deployment has no folder for such state.`,
    {
      details: { segment: name, location },
      nextStep: 'Keep states of functions on disk, as the checkpoint does: `--state-backend disk`, or `stateBackend`.',
    },
  )
}

/** What a process brings back of a checkpoint's segments. */
export interface SegmentsWanted {
  readonly disk: RestoredSegments
  /** Whether the slots of this process take anything of these key groups. */
  readonly wants: (keyGroups: KeyGroupRange) => boolean
  /** Whether it has to see that the others are whole, too. */
  readonly assertsOthers: boolean
  /** Nobody waits for it any more. Default: somebody always does. */
  readonly signal?: AbortSignal
}

/** @param slots of this process */
export function wantedBy(slots: readonly number[], parallelism: number): Pick<SegmentsWanted, 'wants'> {
  const own = slots.map((slot) => keyGroupsOfSubtask(slot, parallelism))
  return { wants: (keyGroups) => own.some((each) => commonKeyGroups(each, keyGroups) !== undefined) }
}

/** A segment, and the key groups of all subtasks that left it. */
export interface LeftSegment extends StoredSegment {
  readonly keyGroups: readonly KeyGroupRange[]
}

/**
 * Brings back what is wanted, several at a time.
 * @returns paths, by the names of the segments
 * @throws as {@link RestoredSegments.bring}; the signal's reason
 */
export async function bringSegments(
  storage: CheckpointStorage,
  segments: readonly LeftSegment[],
  { disk, wants, assertsOthers, signal }: SegmentsWanted,
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>()
  const left = [...segments]
  const bringNext = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      signal?.throwIfAborted()
      if (next.keyGroups.some(wants)) paths.set(next.name, await disk.bring(storage, next))
      else if (assertsOthers) await assertWhole(storage, next)
    }
  }
  const all = await Promise.allSettled(
    Array.from({ length: broughtAtOnceMax }, () =>
      bringNext().catch((thrown: unknown) => {
        left.length = 0
        throw thrown
      }),
    ),
  )
  for (const each of all) if (each.status === 'rejected') throw each.reason
  return paths
}

/** Reads all of it, and keeps nothing. @throws as {@link readSegment} */
async function assertWhole(storage: CheckpointStorage, segment: StoredSegment): Promise<void> {
  const parts = readSegment(storage, segment)
  while ((await parts.next()).done !== true);
}
