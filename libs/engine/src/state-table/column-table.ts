import type { Key } from '@lightflus/api'
import { hashKey } from '../key-group.ts'
import { HashIndex, placeOf } from './hash-index.ts'
import type { TableCopy } from './table-copy.ts'

/** Entries of one chunk, as a power of two. */
export const chunkBits = 15
const chunkEntries = 1 << chunkBits
export const chunkMask = chunkEntries - 1
const firstEntries = 8

/**
 * Entries from which on a table is beyond the processor's caches, and a batch is looked up in steps: the places of all its
 * keys in the index, then what stands there, and only then key by key. The loads of one step do not wait for each other, so
 * that memory is waited for once where each key would wait three times (bench/state.ts: a third to a half less).
 */
const stepsMin = 1 << 16

const oneEntry = new Int32Array(1)
/** Of the batch that is looked up: hashes, and for each the entry that has it, or -1. */
let hashes = new Int32Array(0)
let candidates = new Int32Array(0)
/** What was loaded ahead goes here, or it would not be loaded. */
const loaded = new Float64Array(1)

/** What a chunk, its arrays and their buffers weigh beside what they hold. */
const arrayBytes = 200

/**
 * A row of numbers for each key, in typed arrays: 1.5 to 5 times as fast as a Map of objects, at a third of its memory
 * (bench/state.ts), and nothing for the garbage collector to follow but texts. It equals a Map: keys are told apart by
 * `===`, and come in the order in which they were added.
 *
 * Entries lie in chunks one after the other, each its key and then its columns; so what is written to stands beside the
 * key that was compared. As long as all keys are numbers that is the key itself, afterwards it is its hash, and keys are
 * in lists beside. Nothing is removed: the whole table is dropped.
 */
export class ColumnTable {
  /** Numbers of one entry: its key or hash, and its columns. */
  readonly stride: number
  /** Of entry `e`: `chunks[e >>> 15]`, from `(e & 32767) * stride` on. */
  readonly chunks: Float64Array[] = []
  /** Where its rows are being copied: to be told before one of them changes. */
  copy: TableCopy | undefined
  readonly #initial: readonly number[]
  readonly #index = new HashIndex()
  /** By chunks, once a key was no number. */
  #names: Key[][] | undefined
  #size = 0
  #ownBytes = arrayBytes

  /** @param initial columns of an entry that has just been added. */
  constructor(initial: readonly number[]) {
    this.#initial = initial
    this.stride = initial.length + 1
  }

  get size(): number {
    return this.#size
  }

  /** About what it weighs, texts included. */
  get bytes(): number {
    return this.#ownBytes + this.#index.bytes
  }

  /** The key's entry, or -1. */
  find(key: Key): number {
    return this.#locate(key)
  }

  /** The key's entry, added where there is none. */
  add(key: Key): number {
    this.addEach([key], 0, 1, oneEntry)
    return oneEntry[0]
  }

  /** As {@link add}, where the key's hash is known: see {@link hashKey}. */
  addHashed(key: Key, hash: number): number {
    if (this.#names === undefined && typeof key === 'number') return this.add(key)
    if (this.#names === undefined) this.#nameAll()
    return this.#addName(this.#names!, key, hash)
  }

  /** As {@link add} for many keys. @param entries is given the entry of each key, at the key's index. */
  addEach(keys: readonly Key[], from: number, to: number, entries: Int32Array): void {
    if (this.#size >= stepsMin && to - from > 1) return this.#addInSteps(keys, from, to, entries)
    let index = from
    if (this.#names === undefined) index = this.#addNumbers(keys, from, to, entries)
    if (index < to) this.#addNamed(keys, index, to, entries)
  }

  keyOf(entry: number): Key {
    return this.#names === undefined ? this.#first(entry) : this.#names[entry >>> chunkBits][entry & chunkMask]
  }

  /** See {@link hashKey}. */
  hashOf(entry: number): number {
    return this.#names === undefined ? hashKey(this.#first(entry)) : this.#first(entry)
  }

  /** Where its numbers are; {@link stride} of them from `at` on. */
  rowOf(entry: number): { readonly chunk: Float64Array; readonly at: number } {
    return { chunk: this.chunks[entry >>> chunkBits], at: (entry & chunkMask) * this.stride }
  }

  #first(entry: number): number {
    return this.chunks[entry >>> chunkBits][(entry & chunkMask) * this.stride]
  }

  #locate(key: Key): number {
    if (typeof key !== 'number' && this.#names === undefined) return -1
    const hash = hashKey(key)
    const { parts, depth } = this.#index
    const part = parts[(hash >>> 1) >>> (31 - depth)]
    const { slots } = part
    let at = placeOf(part, hash)
    for (let entry = slots[at + 1] - 1; entry >= 0; entry = slots[at + 1] - 1) {
      if (slots[at] === hash && this.keyOf(entry) === key) return entry
      at = (at + 2) & (slots.length - 1)
    }
    return -1
  }

  /** The hot loop for keys that are numbers. @returns the index of the first that is not. */
  #addNumbers(keys: readonly Key[], from: number, to: number, entries: Int32Array): number {
    const index = this.#index
    const { chunks, stride } = this
    let { parts, depth } = index
    for (let i = from; i < to; i++) {
      const key = keys[i]
      if (typeof key !== 'number') return i
      const hash = hashKey(key)
      const part = parts[(hash >>> 1) >>> (31 - depth)]
      const { slots } = part
      const end = slots.length - 1
      let at = ((hash >>> 7) << 1) & end
      let entry = slots[at + 1] - 1
      while (entry >= 0) {
        if (slots[at] === hash && chunks[entry >>> chunkBits][(entry & chunkMask) * stride] === key) break
        at = (at + 2) & end
        entry = slots[at + 1] - 1
      }
      if (entry < 0) {
        entry = this.#append(key, hash)
        index.take(part, at, hash, entry)
        ;({ parts, depth } = index)
      }
      entries[i] = entry
    }
    return to
  }

  #addInSteps(keys: readonly Key[], from: number, to: number, entries: Int32Array): void {
    const count = to - from
    if (hashes.length < count) {
      hashes = new Int32Array(count)
      candidates = new Int32Array(count)
    }
    for (let i = 0; i < count; i++) hashes[i] = hashKey(keys[from + i])
    this.#findHashes(count)
    const names = this.#names
    if (names === undefined) {
      this.#loadRows(count)
      const { chunks, stride } = this
      for (let i = 0; i < count; i++) {
        const [key, entry] = [keys[from + i], candidates[i]]
        if (typeof key !== 'number') return this.#addNamed(keys, from + i, to, entries)
        // Others, and those that have come with this batch, are looked up by themselves.
        const isFound = entry >= 0 && chunks[entry >>> chunkBits][(entry & chunkMask) * stride] === key
        entries[from + i] = isFound ? entry : this.add(key)
      }
      return
    }
    loadNames(names, count)
    for (let i = 0; i < count; i++) {
      const [key, entry] = [keys[from + i], candidates[i]]
      const isFound = entry >= 0 && names[entry >>> chunkBits][entry & chunkMask] === key
      entries[from + i] = isFound ? entry : this.#addName(names, key, hashes[i])
    }
  }

  /** Looks for nothing but hashes: the index is all that is read. */
  #findHashes(count: number): void {
    const { parts, depth } = this.#index
    for (let i = 0; i < count; i++) {
      const hash = hashes[i]
      const { slots } = parts[(hash >>> 1) >>> (31 - depth)]
      const end = slots.length - 1
      let at = ((hash >>> 7) << 1) & end
      while (slots[at + 1] !== 0 && slots[at] !== hash) at = (at + 2) & end
      candidates[i] = slots[at + 1] - 1
    }
  }

  #loadRows(count: number): void {
    const { chunks, stride } = this
    let sum = 0
    for (let i = 0; i < count; i++) {
      const entry = candidates[i]
      if (entry >= 0) sum += chunks[entry >>> chunkBits][(entry & chunkMask) * stride]
    }
    loaded[0] = sum
  }

  /** The same for keys of all types. */
  #addNamed(keys: readonly Key[], from: number, to: number, entries: Int32Array): void {
    if (this.#names === undefined) this.#nameAll()
    const names = this.#names!
    for (let i = from; i < to; i++) entries[i] = this.#addName(names, keys[i], hashKey(keys[i]))
  }

  #addName(names: readonly Key[][], key: Key, hash: number): number {
    const { parts, depth } = this.#index
    const part = parts[(hash >>> 1) >>> (31 - depth)]
    const { slots } = part
    const end = slots.length - 1
    let at = ((hash >>> 7) << 1) & end
    for (let entry = slots[at + 1] - 1; entry >= 0; entry = slots[at + 1] - 1) {
      if (slots[at] === hash && names[entry >>> chunkBits][entry & chunkMask] === key) return entry
      at = (at + 2) & end
    }
    const entry = this.#append(key, hash)
    this.#index.take(part, at, hash, entry)
    return entry
  }

  #append(key: Key, hash: number): number {
    const entry = this.#size++
    const chunk = this.#chunkFor(entry)
    const at = (entry & chunkMask) * this.stride
    // -0 is the same key as 0.
    const named = key === 0 ? 0 : key
    if (this.#names === undefined) chunk[at] = named as number
    else {
      chunk[at] = hash
      this.#name(entry, named)
    }
    const initial = this.#initial
    for (let column = 0; column < initial.length; column++) chunk[at + 1 + column] = initial[column]
    return entry
  }

  #chunkFor(entry: number): Float64Array {
    const number = entry >>> chunkBits
    const chunk = this.chunks[number] as Float64Array | undefined
    if (chunk !== undefined && (entry & chunkMask) * this.stride < chunk.length) return chunk
    // Only the first chunk begins small: tables of few keys may be many.
    const entries = number > 0 ? chunkEntries : chunk === undefined ? firstEntries : (2 * chunk.length) / this.stride
    const larger = new Float64Array(entries * this.stride)
    if (chunk !== undefined) larger.set(chunk)
    else this.#ownBytes += arrayBytes
    this.#ownBytes += larger.byteLength - (chunk?.byteLength ?? 0)
    return (this.chunks[number] = larger)
  }

  /** From now on keys need not be numbers. */
  #nameAll(): void {
    const names: Key[][] = []
    for (let entry = 0; entry < this.#size; entry++) {
      const key = this.#first(entry)
      if ((entry & chunkMask) === 0) names.push([])
      names[entry >>> chunkBits].push(key)
      this.chunks[entry >>> chunkBits][(entry & chunkMask) * this.stride] = hashKey(key)
    }
    this.#names = names
    this.#ownBytes += 8 * this.#size
  }

  #name(entry: number, key: Key): void {
    const names = this.#names!
    const number = entry >>> chunkBits
    if (number === names.length) names.push([])
    names[number].push(key)
    this.#ownBytes += typeof key === 'string' ? 8 + bytesOfText(key) : 8
  }
}

/** First the lists, then what stands in the texts that are in them. */
function loadNames(names: readonly Key[][], count: number): void {
  let sum = 0
  for (let i = 0; i < count; i++) {
    const entry = candidates[i]
    if (entry >= 0 && typeof names[entry >>> chunkBits][entry & chunkMask] === 'boolean') sum++
  }
  for (let i = 0; i < count; i++) {
    const entry = candidates[i]
    if (entry < 0) continue
    const name = names[entry >>> chunkBits][entry & chunkMask]
    if (typeof name === 'string' && name.length > 0) sum += name.charCodeAt(0)
  }
  loaded[0] = sum
}

/** What a text of one byte a character weighs, rounded up as V8 does. Of others up to twice as much, which is not looked for. */
function bytesOfText(text: string): number {
  return (16 + text.length + 7) & ~7
}
