import {
  addWart,
  ascii,
  canonical,
  digitsOf,
  eightDigits,
  escapes,
  numberEnd,
  numberValue,
  plainStringEnd,
  stringEnd,
  textFlags,
  unescaped,
  warts,
} from './text'
import {
  endsAt,
  findKey,
  flagsAt,
  hasWanted,
  isReordered,
  isRequired,
  isText,
  isTextKey,
  keyAccepts,
  keyChild,
  keyFirst,
  keyFlags,
  keyInner,
  keyLength,
  keyMask,
  keySlot,
  keyStamp,
  keyText,
  kindsAt,
  learn,
  newShape,
  numbersAt,
  shapeFlags,
  shapeRequired,
  shapeStamp,
  startsAt,
} from './memory'
import { isUtf8 } from './utf8'

// Kinds of scan-types.ts.
const kindNull: i32 = 1
const kindFalse: i32 = 2
const kindTrue: i32 = 3
const kindNumber: i32 = 4
const kindString: i32 = 5
const kindObject: i32 = 6
const kindArray: i32 = 7

/** Deeper records are left to the plain path: the walk calls itself. */
const depthMax: i32 = 64
let depth: i32 = 0

export function afterBlanks(from: usize): usize {
  // One by itself stands behind the commas and colons of many writers.
  if (load<u8>(from) === 32 && load<u8>(from, 1) > 32) {
    addWart()
    return from + 1
  }
  let at = from
  for (let byte = load<u8>(at); byte === 32 || byte === 10 || byte === 13 || byte === 9; byte = load<u8>(at)) at++
  if (at !== from) addWart()
  return at
}

/** Whether a value or a separator cannot begin with it; most often it is a blank. */
function isBlank(byte: u32): bool {
  return byte <= 32
}

/** A value that no slot is for. `key`: whose it is; 0: of a key that is not learned. */
function skip(key: usize, from: usize): usize {
  const byte = load<u8>(from)
  if (byte === 34) {
    const end = stringEnd(from + 1)
    return end === 0 ? 0 : end + 1
  }
  if (byte === 123) return skipObject(key, from)
  if (byte === 91) return skipArray(key, from)
  if (byte === 110 || byte === 116 || byte === 102) return literalEnd(from)
  return numberEnd(from)
}

/** `null` */
const nullWord: u32 = 0x6c6c756e

function literalEnd(from: usize): usize {
  const word = load<u32>(from)
  if (word === nullWord || word === 0x65757274) return from + 4
  return load<u8>(from) === 102 && load<u32>(from, 1) === 0x65736c61 ? from + 5 : 0
}

function skipArray(key: usize, from: usize): usize {
  if (++depth > depthMax) return 0
  let at = from + 1
  if (isBlank(load<u8>(at))) at = afterBlanks(at)
  if (load<u8>(at) === 93) {
    depth--
    return at + 1
  }
  while (true) {
    at = skip(key, at)
    if (at === 0) return 0
    if (isBlank(load<u8>(at))) at = afterBlanks(at)
    const byte = load<u8>(at++)
    if (byte === 93) {
      depth--
      return at
    }
    if (byte !== 44) return 0
    if (isBlank(load<u8>(at))) at = afterBlanks(at)
  }
}

function skipObject(key: usize, from: usize): usize {
  if (key !== 0) {
    let shape = <usize>load<u32>(key, keyInner)
    if (shape === 0) {
      shape = newShape(load<i32>(key, keyFlags) & isTextKey ? isText : 0)
      store<u32>(key, shape, keyInner)
    }
    if (shape !== 0) return objectEnd(shape, from, 0)
    addWart()
  }
  if (++depth > depthMax) return 0
  let at = from + 1
  if (isBlank(load<u8>(at))) at = afterBlanks(at)
  if (load<u8>(at) === 125) {
    depth--
    return at + 1
  }
  while (true) {
    if (load<u8>(at) !== 34) return 0
    at = stringEnd(at + 1)
    if (at === 0) return 0
    at++
    if (isBlank(load<u8>(at))) at = afterBlanks(at)
    if (load<u8>(at++) !== 58) return 0
    if (isBlank(load<u8>(at))) at = afterBlanks(at)
    at = skip(0, at)
    if (at === 0) return 0
    if (isBlank(load<u8>(at))) at = afterBlanks(at)
    const byte = load<u8>(at++)
    if (byte === 125) {
      depth--
      return at
    }
    if (byte !== 44) return 0
    if (isBlank(load<u8>(at))) at = afterBlanks(at)
  }
}

/** What `seek` found: 0: a key that is not learned. */
let found: usize = 0

/** The key whose text begins at `from`, and where its value begins. `last`: the key before it, or the shape. */
function seek(shape: usize, last: usize, from: usize): usize {
  if (load<u8>(from) !== 34) return 0
  const escaped = escapes
  const end = stringEnd(from + 1)
  if (end === 0) return 0
  const length = <i32>(end + 1 - from)
  const flags = load<i32>(shape, shapeFlags)
  if (escapes !== escaped) {
    // It may be one of those that are looked for.
    if (flags & hasWanted) return 0
    found = 0
  } else {
    found = findKey(shape, from, length)
    if (found === 0) {
      // What is learned is not checked again when it is met again.
      if (!isUtf8(from, end)) return 0
      found = learn(shape, from, length)
    }
    if (found !== 0) {
      store<u32>(last, load<u32>(last), 4)
      store<u32>(last, found)
    }
  }
  if (found === 0 && flags & isText) addWart()
  let at = end + 1
  if (isBlank(load<u8>(at))) at = afterBlanks(at)
  if (load<u8>(at) !== 58) return 0
  return at + 1
}

/** Whether the key is what begins there. Of no key, at 0, nothing is. */
function isAt(key: usize, at: usize): bool {
  const mask = load<i32>(key, keyMask)
  if ((i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(key, keyFirst))) & mask) !== mask) return false
  const length = <usize>load<i32>(key, keyLength)
  return length <= 16 || isRestAt(key + keyText, at, length)
}

/** The same of what is behind the first 16 bytes. */
function isRestAt(text: usize, at: usize, length: usize): bool {
  for (let from: usize = 16; from + 16 < length; from += 16)
    if (i8x16.bitmask(i8x16.eq(v128.load(at + from), v128.load(text + from))) !== 0xffff) return false
  const last = length - 16
  return i8x16.bitmask(i8x16.eq(v128.load(at + last), v128.load(text + last))) === 0xffff
}

/**
 * An object of a known shape, from its opening brace to behind the closing one. What most values are is looked at by
 * functions that nothing else calls, and so become part of this one: a call costs as much as such a value.
 */
function objectEnd(shape: usize, from: usize, row: usize): usize {
  if (++depth > depthMax) return 0
  const stamp = load<i32>(shape, shapeStamp) + 1
  store<i32>(shape, stamp, shapeStamp)
  let missing = load<i32>(shape, shapeRequired)
  let at = from + 1
  if (load<u8>(at) !== 34) {
    at = afterBlanks(at)
    if (load<u8>(at) === 125) {
      depth--
      return missing === 0 ? at + 1 : 0
    }
  }
  let last = shape
  while (true) {
    let key = <usize>load<u32>(last)
    const length = <usize>load<i32>(key, keyLength)
    const mask = load<i32>(key, keyMask)
    if (
      (i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(key, keyFirst))) & mask) === mask &&
      (length <= 16 || isRestAt(key + keyText, at, length))
    )
      at += length
    else {
      if (isBlank(load<u8>(at))) {
        const blanks = at
        at = afterBlanks(at)
        if (at !== blanks) continue
      }
      at = unforeseen(shape, last, at)
      if (at === 0) return 0
      key = found
    }
    let byte = <u32>load<u8>(at)
    if (isBlank(byte)) {
      at = afterBlanks(at)
      byte = load<u8>(at)
    }
    const slot = <usize>load<u32>(key, keySlot)
    if (load<i32>(key, keyStamp) === stamp) {
      if (slot !== 0) return 0
      addWart()
    }
    store<i32>(key, stamp, keyStamp)
    const flags = load<i32>(key, keyFlags)
    if (flags & isReordered) addWart()
    missing -= flags & isRequired
    last = key !== 0 ? key : last

    let end: usize = 0
    let kind = kindString
    let form = canonical | unescaped | ascii
    if (byte === 34) {
      end = plainStringEnd(at + 1)
      if (end === 0) {
        end = stringEnd(at + 1)
        if (end === 0) return 0
        form = textFlags
      }
      end++
    } else if (byte - 48 <= 9) {
      kind = kindNumber
      const digits = load<u64>(at) ^ 0x3030303030303030
      const count = digitsOf(digits)
      const after = load<u8>(at + <usize>count)
      if ((after === 44 || after === 125) && (byte !== 48 || count === 1)) {
        end = at + <usize>count
        if (slot !== 0) store<f64>(slot + (row << 3), <f64>eightDigits(digits << (64 - (count << 3))), numbersAt)
      } else {
        const wartsBefore = warts
        end = numberEnd(at)
        if (end === 0) return 0
        if (warts !== wartsBefore) form = 0
        if (slot !== 0) store<f64>(slot + (row << 3), numberValue, numbersAt)
      }
    } else if (byte === 110 && load<u32>(at) === nullWord) {
      kind = kindNull
      end = at + 4
    }
    if (end === 0) {
      at = slot !== 0 ? wanted(key, slot, at, row) : skip(key, at)
      if (at === 0) return 0
    } else {
      if (slot !== 0) {
        if (((load<i32>(key, keyAccepts) >> kind) & 1) === 0) return 0
        store<u8>(slot + row, kind, kindsAt)
        store<u8>(slot + row, form, flagsAt)
        store<u32>(slot + (row << 2), at, startsAt)
        store<u32>(slot + (row << 2), end, endsAt)
      }
      at = end
    }

    byte = load<u8>(at)
    if (isBlank(byte)) {
      at = afterBlanks(at)
      byte = load<u8>(at)
    }
    at++
    if (byte === 44) continue
    if (byte !== 125) return 0
    depth--
    return missing === 0 ? at : 0
  }
}

/** A key that is not the one that came last time; where its value begins. */
function unforeseen(shape: usize, last: usize, at: usize): usize {
  const second = <usize>load<u32>(last, 4)
  if (!isAt(second, at)) return seek(shape, last, at)
  store<u32>(last, load<u32>(last), 4)
  store<u32>(last, second)
  found = second
  return at + load<i32>(second, keyLength)
}

/** A value that a slot is for. */
export function wanted(key: usize, slot: usize, from: usize, row: usize): usize {
  const wartsBefore = warts
  const flags = load<i32>(key, keyFlags)
  const byte = load<u8>(from)
  let kind = kindNumber
  let end: usize = 0
  let isCanonical = true
  if (byte === 34) {
    kind = kindString
    end = stringEnd(from + 1)
    if (end !== 0) end++
  } else if (byte === 123) {
    kind = kindObject
    const shape = <usize>load<u32>(key, keyChild)
    if (shape !== 0) {
      end = objectEnd(shape, from, row)
      isCanonical = (load<i32>(shape, shapeFlags) & isText) !== 0
    } else {
      end = skipObject(key, from)
      isCanonical = (flags & isTextKey) !== 0
    }
  } else if (byte === 91) {
    kind = kindArray
    isCanonical = (flags & isTextKey) !== 0
    end = skipArray(key, from)
  } else if (byte === 110 || byte === 116 || byte === 102) {
    kind = byte === 110 ? kindNull : byte === 116 ? kindTrue : kindFalse
    end = literalEnd(from)
  } else {
    end = numberEnd(from)
    store<f64>(slot + (row << 3), numberValue, numbersAt)
  }
  if (end === 0 || ((load<i32>(key, keyAccepts) >> kind) & 1) === 0) return 0
  store<u8>(slot + row, kind, kindsAt)
  store<u32>(slot + (row << 2), from, startsAt)
  store<u32>(slot + (row << 2), end, endsAt)
  store<u8>(
    slot + row,
    (isCanonical && warts === wartsBefore ? canonical : 0) | (kind === kindString ? textFlags : 0),
    flagsAt,
  )
  return end
}

/** To be called before each row: one that was given up may have left off deep inside. */
export function beginRow(): void {
  depth = 0
}
