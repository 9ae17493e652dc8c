import { deserialize, serialize } from 'node:v8'
import type { OperatorRestore, OperatorSnapshot, StateSegment, SubtaskSnapshot } from '@lightflus/engine'
import type { SegmentDisk } from '../../checkpoint/segment-disk.ts'
import type { Actor, World } from './world.ts'

/** So small that segments have several parts. */
const pieceBytes = 80

/** The disk of one process. */
export class SimDisk implements SegmentDisk {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>()
  readonly #world: World
  readonly #actor: Actor

  constructor(world: World, actor: Actor) {
    this.#world = world
    this.#actor = actor
  }

  readonly read = async function* (this: SimDisk, path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let at = 0, bytes = 1; at < bytes; at += pieceBytes) {
      await this.#world.wait(this.#actor, this.#world.dice.next() * 3)
      const file = this.files.get(path)
      if (!file) return this.#world.violate(`${path} is gone while it is still to be stored`)
      bytes = file.byteLength
      yield file.slice(at, at + pieceBytes)
    }
  }.bind(this)

  async write(name: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
    const all: Uint8Array[] = []
    for await (const piece of pieces) all.push(piece)
    this.files.set(`restored/${name}`, new Uint8Array(Buffer.concat(all)))
    return `restored/${name}`
  }

  async remove(path: string): Promise<void> {
    this.files.delete(path)
  }
}

/** What a segment holds: state of key groups, serialised; null: the key group has none any more. */
type Written = ReadonlyMap<number, Uint8Array | null>

interface Live {
  readonly segments: readonly StateSegment[]
  /** What these say of each key group. */
  readonly groups: ReadonlyMap<number, Buffer>
}

const nothing: Live = { segments: [], groups: new Map() }

/**
 * Stands between a slot's operators and their snapshots as a state backend on disk does: what has changed since the last
 * snapshot becomes a segment, and now and then all of them become one.
 */
export class SegmentedState {
  readonly #world: World
  readonly #disk: SimDisk
  readonly #name: string
  /** By operator. */
  readonly #live = new Map<string, Live>()
  /** How many snapshots need a file, the present state being one. */
  readonly #holds = new Map<string, number>()
  #number = 0

  /** @param name of the slot, in the job's life */
  constructor(world: World, disk: SimDisk, name: string) {
    this.#world = world
    this.#disk = disk
    this.#name = name
  }

  restored(operator: string, restore: OperatorRestore): OperatorRestore {
    const { segments, ...others } = restore
    if (!segments) return restore
    const groups = new Map<number, Buffer>()
    for (const { path, keyGroups } of segments) {
      const file = this.#disk.files.get(path)
      if (!file) throw new Error(`${path} was not brought back`)
      for (const [group, state] of deserialize(file) as Written) {
        if (group < keyGroups.first || group > keyGroups.last) continue
        if (state) groups.set(group, Buffer.from(state))
        else groups.delete(group)
      }
    }
    // Or all is written anew.
    if (this.#world.dice.chance(0.6)) this.#live.set(operator, { segments, groups })
    const keyGroups = new Map(Array.from(groups, ([group, state]) => [group, deserialize(state) as unknown]))
    return { ...others, keyGroups }
  }

  snapshot(snapshot: SubtaskSnapshot): SubtaskSnapshot {
    return { ...snapshot, operators: snapshot.operators.map((each) => this.#written(each)) }
  }

  #written(each: OperatorSnapshot): OperatorSnapshot {
    const { operator, keyGroups } = each
    const former = this.#live.get(operator)
    if (keyGroups.size === 0 && !former) return each
    const groups = new Map(Array.from(keyGroups, ([group, state]) => [group, serialize(state)]))
    const base = former && this.#world.dice.chance(0.8) ? former : nothing
    const written = new Map<number, Uint8Array | null>()
    for (const [group, state] of groups) if (!base.groups.get(group)?.equals(state)) written.set(group, state)
    for (const group of base.groups.keys()) if (!groups.has(group)) written.set(group, null)
    const segments = written.size === 0 ? base.segments : [...base.segments, this.#segment(operator, written)]
    this.#live.set(operator, { segments, groups })
    this.#hold(segments, 1)
    this.#hold(former?.segments ?? [], -1)
    this.#hold(segments, 1)
    return { ...each, keyGroups: new Map(), segments, releaseSegments: () => this.#hold(segments, -1) }
  }

  #segment(operator: string, written: Written): StateSegment {
    const name = `${this.#name}/${operator}/${this.#number++}`
    const bytes = new Uint8Array(serialize(written))
    this.#disk.files.set(name, bytes)
    return { name, path: name, bytes: bytes.byteLength }
  }

  /** Those that were restored stay as long as the attempt. */
  #hold(segments: readonly StateSegment[], change: number): void {
    for (const { name, path } of segments) {
      const holds = (this.#holds.get(name) ?? 0) + change
      this.#holds.set(name, holds)
      if (holds === 0 && name === path) this.#disk.files.delete(path)
    }
  }
}
