// Where things lie in the memory, which the host makes: this module's constants, then the tables of keys, then what the
// host has laid out (see `lay`). Offsets of a structure's fields are constants, so that each is part of an instruction.

/** Rows of one scan. Few enough that texts and columns stay in the processor's second cache. */
export const rowsMax: i32 = 1024
/** Bytes behind the texts that may be read, though they mean nothing. */
export const slack: i32 = 128

// Columns of one slot, from its base. The gaps keep the values of one row out of the same lines of the first cache.
export const numbersAt: i32 = 0
export const startsAt: i32 = numbersAt + rowsMax * 8 + 64
export const endsAt: i32 = startsAt + rowsMax * 4 + 64
export const kindsAt: i32 = endsAt + rowsMax * 4 + 64
export const flagsAt: i32 = kindsAt + rowsMax + 64
export const slotSize: i32 = flagsAt + rowsMax + 64

// A shape: what is known of the objects at one place of the records.
// Shapes and keys both begin with the two keys that came next lately, the last one first.
export const shapeStamp: usize = 8
export const shapeRequired: usize = 12
export const shapeFlags: usize = 16
/** How many of its keys were learned. */
const shapeLearned: usize = 20
const shapeSize: usize = 32

/** Some of its fields are looked for: a key that may be one of them in disguise is not for this scanner. */
export const hasWanted: i32 = 1
/** Whether its text is canonical is asked: all keys have to be known, so that one that comes twice is seen. */
export const isText: i32 = 2

// A key of a shape. Its text is in quotes and has the colon behind it, as it is compared with 16 bytes at a time.
export const keyShape: usize = 8
export const keyLength: usize = 12
export const keyFirst: usize = 16
export const keyMask: usize = 32
/** Base of its slot's columns; 0: it has none. */
export const keySlot: usize = 36
/** Bits of the kinds that are accepted. */
export const keyAccepts: usize = 40
/** Shape of the objects that are its values, where some of their fields are looked for; else 0. */
export const keyChild: usize = 44
/** Of the object in which it came last. */
export const keyStamp: usize = 48
export const keyFlags: usize = 52
/** Shape of other objects in its values, such as elements of arrays, made when the first one comes. */
export const keyInner: usize = 56
/** Of keys that are looked for: the one before it. */
const keyBefore: usize = 60
export const keyText: usize = 64

export const isRequired: i32 = 1
/** Nothing is wanted but the kind. */
export const isKindOnly: i32 = 2
/** An object with it is written in another order than that of its text, or not at all. */
export const isReordered: i32 = 4
export const isTextKey: i32 = 8

/** Longest name of a key that is learned. Names that are looked for may be four times as long. */
const learnedNameMax: i32 = 64
/** Keys that are learned of one shape, where they are for speed alone: an object may be a map, whose keys never end. */
const learnedMax: i32 = 64
/** Rows before all that was learned may be forgotten again to make room. */
const forgetRows: i32 = 256

const bucketBits: i32 = 12
const buckets: usize = 1 << bucketBits
/** Three of four buckets stay empty. */
const keysMax: i32 = (1 << bucketBits) / 4
/** Behind the constants. */
const tableAt: usize = 4096
const nodesAt: usize = tableAt + buckets * 4
export const nodesEnd: usize = nodesAt + 192 * 1024
assert(__heap_base <= tableAt)

let nodesTop: usize = nodesAt
let keys: i32 = 0
/** A key or a shape was not learned for want of room. */
let isFull: bool = false
let rowsSinceForgotten: i32 = 0
let lastWanted: usize = 0
/** Where what is learned begins. */
let learnedAt: usize = nodesAt

/** 0: there is no room. */
export function newShape(flags: i32): usize {
  if (nodesTop + shapeSize > nodesEnd) {
    isFull = true
    return 0
  }
  const shape = nodesTop
  nodesTop += shapeSize
  memory.fill(shape, 0, shapeSize)
  store<i32>(shape, flags, shapeFlags)
  return shape
}

function hash(shape: usize, text: usize, length: i32): usize {
  let h: u64 = ((<u64>shape) << 32) | (<u64>length)
  let at = text
  let left = length
  for (; left >= 8; left -= 8, at += 8) h = (rotl<u64>(h, 5) ^ load<u64>(at)) * 0x9e3779b97f4a7c15
  if (left > 0) h = (rotl<u64>(h, 5) ^ (load<u64>(at) & (((<u64>1) << ((<u64>left) << 3)) - 1))) * 0x9e3779b97f4a7c15
  return (<usize>((h ^ (h >> 29)) >> 13)) & (buckets - 1)
}

/** Both may be read beyond their ends. */
function isSame(one: usize, other: usize, length: i32): bool {
  let left = length
  for (let at: usize = 0; left > 0; at += 16, left -= 16) {
    const mask = left >= 16 ? 0xffff : (1 << left) - 1
    if ((i8x16.bitmask(i8x16.eq(v128.load(one + at), v128.load(other + at))) & mask) !== mask) return false
  }
  return true
}

/** Length counts the quotes. 0: it is not known. */
export function findKey(shape: usize, text: usize, length: i32): usize {
  let bucket = hash(shape, text, length)
  let key = <usize>load<u32>(tableAt + (bucket << 2))
  while (key !== 0) {
    if (
      <usize>load<u32>(key, keyShape) === shape &&
      load<i32>(key, keyLength) === length + 1 &&
      isSame(key + keyText, text, length)
    )
      break
    bucket = (bucket + 1) & (buckets - 1)
    key = load<u32>(tableAt + (bucket << 2))
  }
  return key
}

/** 0: there is no room. */
function newKey(shape: usize, text: usize, length: i32): usize {
  const size = (keyText + <usize>length + 1 + 16 + 15) & ~15
  if (keys >= keysMax || nodesTop + size > nodesEnd) {
    isFull = true
    return 0
  }
  const key = nodesTop
  nodesTop += size
  keys++
  memory.fill(key, 0, size)
  memory.copy(key + keyText, text, length)
  store<u8>(key + keyText + length, 58)
  v128.store(key, v128.load(key + keyText), keyFirst)
  store<u32>(key, shape, keyShape)
  store<i32>(key, length + 1, keyLength)
  store<i32>(key, length + 1 >= 16 ? 0xffff : (1 << (length + 1)) - 1, keyMask)
  store<i32>(key, -1, keyAccepts)
  store<i32>(key, isLikeIndex(text + 1, length - 2) || isProto(text, length) ? isReordered : 0, keyFlags)
  enter(key)
  return key
}

function enter(key: usize): void {
  let bucket = hash(load<u32>(key, keyShape), key + keyText, load<i32>(key, keyLength) - 1)
  while (load<u32>(tableAt + (bucket << 2)) !== 0) bucket = (bucket + 1) & (buckets - 1)
  store<u32>(tableAt + (bucket << 2), key)
}

/** A key that is looked for. Those of a memory come before all that are learned. */
export function newWanted(shape: usize, text: usize, length: i32): usize {
  const key = newKey(shape, text, length)
  if (key !== 0) {
    store<u32>(key, lastWanted, keyBefore)
    lastWanted = key
  }
  return key
}

/** What follows is learned. */
export function beginLearning(): void {
  learnedAt = nodesTop
}

/** A key that nobody looks for, to meet it again; 0: it is none to learn. */
export function learn(shape: usize, text: usize, length: i32): usize {
  if (length - 2 > learnedNameMax) return 0
  const flags = load<i32>(shape, shapeFlags)
  const learned = load<i32>(shape, shapeLearned)
  if (learned >= learnedMax && (flags & isText) === 0) return 0
  const key = newKey(shape, text, length)
  if (key === 0) return 0
  store<i32>(shape, learned + 1, shapeLearned)
  if (flags & isText) store<i32>(key, load<i32>(key, keyFlags) | isTextKey, keyFlags)
  return key
}

/**
 * To be called before each row. Forgets what was learned where there is no room for more: records may have changed, and
 * what is learned of the keys of maps is never met again.
 */
export function makeRoom(): void {
  rowsSinceForgotten++
  if (!isFull || rowsSinceForgotten < forgetRows) return
  rowsSinceForgotten = 0
  isFull = false
  nodesTop = learnedAt
  keys = 0
  memory.fill(tableAt, 0, buckets * 4)
  for (let key = lastWanted; key !== 0; key = load<u32>(key, keyBefore)) {
    keys++
    store<u32>(key, 0, keyInner)
    unlink(key)
    const shape = <usize>load<u32>(key, keyChild)
    if (shape !== 0) {
      unlink(shape)
      store<i32>(shape, 0, shapeLearned)
    }
    enter(key)
  }
}

/** Forgets what came next. */
function unlink(node: usize): void {
  store<u64>(node, 0)
}

/** Digits alone: an object has such keys first. */
function isLikeIndex(name: usize, length: i32): bool {
  if (length <= 0) return false
  for (let at = name; at < name + length; at++) if (<u32>load<u8>(at) - 48 > 9) return false
  return true
}

/** `__proto__` */
function isProto(text: usize, length: i32): bool {
  return length === 11 && load<u64>(text, 1) === 0x5f6f746f72705f5f && load<u8>(text, 9) === 95
}
