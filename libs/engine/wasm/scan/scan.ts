import {
  beginLearning,
  isRequired,
  keyAccepts,
  keyChild,
  keyFlags,
  keyMask,
  keySlot,
  kindsAt,
  makeRoom,
  newShape,
  newWanted,
  nodesEnd,
  shapeRequired,
  slotSize,
} from './memory'
import { afterBlanks, beginRow, wanted } from './objects'
import { highs } from './text'
import { isUtf8 } from './utf8'

export { endsAt, flagsAt, kindsAt, numbersAt, rowsMax, slack, slotSize, startsAt } from './memory'

// Where the host has put things.
let rowStarts: usize = 0
let rowEnds: usize = 0
let rowScanned: usize = 0
let columns: usize = 0
let columnsEnd: usize = 0
let root: usize = 0

function isScanned(from: usize, to: usize, row: usize): bool {
  if (from >= to) return false
  beginRow()
  const highsBefore = highs
  let at = wanted(root, load<u32>(root, keySlot), afterBlanks(from), row)
  if (at === 0) return false
  at = afterBlanks(at)
  return at === to && (highs === highsBefore || isUtf8(from, to))
}

/** Where the host has put the rows' bounds, whether they were scanned, and the columns of all slots. */
export function lay(starts: usize, ends: usize, scanned: usize, slots: usize, slotsEnd: usize): void {
  rowStarts = starts
  rowEnds = ends
  rowScanned = scanned
  columns = slots
  columnsEnd = slotsEnd
  // No key: one that nothing equals.
  store<i32>(0, 0x10000, keyMask)
}

/** The first byte behind this module's own. */
export function firstFree(): usize {
  return nodesEnd
}

/**
 * A field to look for. Its name, in quotes, is at `text`; the record's own is empty and belongs to no shape.
 * `childFlags`: of the shape of its objects, if they have one; else -1.
 */
export function want(
  shape: usize,
  text: usize,
  length: i32,
  slot: usize,
  accepts: i32,
  flags: i32,
  childFlags: i32,
): usize {
  const key = newWanted(shape, text, length)
  if (key === 0) return 0
  store<u32>(key, slot, keySlot)
  store<i32>(key, accepts, keyAccepts)
  store<i32>(key, load<i32>(key, keyFlags) | flags, keyFlags)
  if (childFlags >= 0) store<u32>(key, newShape(childFlags), keyChild)
  if (flags & isRequired && shape !== 0) store<i32>(shape, load<i32>(shape, shapeRequired) + 1, shapeRequired)
  if (shape === 0) root = key
  beginLearning()
  return key
}

/** Shape of the objects that are values of a key. */
export function shapeOf(key: usize): usize {
  return load<u32>(key, keyChild)
}

/** Scans so many rows. Bounds are places in the memory; a start below 0: left to the plain path. */
export function scan(rows: i32): void {
  for (let slot = columns; slot < columnsEnd; slot += slotSize) memory.fill(slot + kindsAt, 0, rows)
  for (let row: usize = 0; row < <usize>rows; row++) {
    makeRoom()
    const start = load<i32>(rowStarts + (row << 2))
    const end = load<i32>(rowEnds + (row << 2))
    let isDone = false
    if (start >= 0) {
      // No part of JSON has a zero in it, so nothing is read beyond the end, whatever follows there.
      const behind = load<u8>(end)
      store<u8>(end, 0)
      isDone = isScanned(start, end, row)
      store<u8>(end, behind)
    }
    store<u8>(rowScanned + row, isDone ? 1 : 0)
  }
}
