import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../key-group.ts'
import type { RestoredSegment } from '../checkpoint/state-segment.ts'
import type { StateStore, StoredSize, StoredSnapshot, StoredState } from '../state-store/state-store.ts'

interface Held {
  readonly state: unknown
  readonly expiresAt: number
}

/** What stands for a disk in tests: contents by path. */
export type MemoryDisk = Map<string, ReadonlyMap<Key, Held>>

/** A store that keeps copies, and writes all of them for each snapshot. */
export class MemoryStateStore implements StateStore {
  readonly #disk: MemoryDisk
  readonly #held = new Map<Key, Held>()

  constructor(disk: MemoryDisk) {
    this.#disk = disk
  }

  get(key: Key): StoredState | undefined {
    const held = this.#held.get(key)
    return held && { state: structuredClone(held.state), bytes: 1 }
  }

  put(key: Key, state: unknown, expiresAt: number): void {
    this.#held.set(key, { state: structuredClone(state), expiresAt })
  }

  delete(key: Key): void {
    this.#held.delete(key)
  }

  keys(): readonly Key[] {
    return [...this.#held.keys()]
  }

  get size(): StoredSize {
    return { entries: this.#held.size, memoryBytes: 0, diskBytes: this.#held.size }
  }

  snapshot(): StoredSnapshot {
    const name = `${this.#disk.size}`
    this.#disk.set(name, new Map(this.#held))
    return { segments: [{ name, path: name, bytes: 1 }], release() {} }
  }

  restore(segments: readonly RestoredSegment[]): void {
    for (const { path, keyGroups } of segments) {
      for (const [key, held] of this.#disk.get(path)!) {
        const keyGroup = keyGroupOf(key)
        if (keyGroup >= keyGroups.first && keyGroup <= keyGroups.last) this.#held.set(key, held)
      }
    }
  }

  tidy(now: number): void {
    for (const [key, { expiresAt }] of this.#held) if (expiresAt <= now) this.#held.delete(key)
  }

  close(): void {}
}
