import type { Key } from '@lightflus/api'
import { hashKey } from '../key-group.ts'
import { ColumnTable } from './column-table.ts'

// Goal: a table is what a Map is, whatever its size: through every growth, split of its index and new chunk.

const keysOf: Readonly<Record<string, (index: number) => Key>> = {
  'numbers in a row': (index) => index,
  'numbers apart': (index) => (index % 2 === 0 ? 1 : -1) * index * 7919.5,
  texts: (index) => `user-${index}`,
  // The hash of true is that of 1, and that of false that of 2.
  'all types': (index) => [index, `${index}`, index % 4 === 2, index / 8][index % 4],
  'numbers, then a text': (index) => (index === 60_000 ? 'text' : index),
  'numbers, then a text among many': (index) => (index === 80_000 ? 'text' : index),
  'numbers and texts of one hash': (index) => (index < 70_000 ? `${index}` : hashKey(`${index - 70_000}`)),
}

test.each(Object.entries(keysOf))('entries are found, and come in the order of their adding: %s', (_name, keyOf) => {
  const table = new ColumnTable([0, 5])
  const map = new Map<Key, number>()
  const entries = new Int32Array(500)
  for (let from = 0; from < 400_000; from += 500) {
    // Every key comes four times, half of the time side by side, half when many others have come.
    const keys = Array.from({ length: 500 }, (_, i) => keyOf(Math.floor((from + i) / 2) % 100_000))
    table.addEach(keys, 0, 500, entries)
    keys.forEach((key, i) => {
      const { chunk, at } = table.rowOf(entries[i])
      chunk[at + 1]++
      map.set(key, (map.get(key) ?? 0) + 1)
    })
  }
  expect(table.size).toBe(map.size)
  let entry = 0
  for (const [key, count] of map) {
    const { chunk, at } = table.rowOf(entry)
    if (table.keyOf(entry) !== key || chunk[at + 1] !== count || chunk[at + 2] !== 5 || table.find(key) !== entry)
      throw new Error(`entry ${entry} is ${String(table.keyOf(entry))}, not ${String(key)}`)
    if (table.hashOf(entry) !== hashKey(key)) throw new Error(`entry ${entry} has another hash`)
    entry++
  }
  expect([table.find('none'), table.find(-1), table.find('true')]).toEqual([-1, -1, -1])
})

test('what it weighs is told about right: numbers cost what their columns and the index do', () => {
  const table = new ColumnTable([0])
  for (let key = 0; key < 100_000; key++) table.add(key)
  // Key and column are 16 bytes, a slot of the index 8, of which a half to two thirds are taken.
  expect(table.bytes / table.size).toBeGreaterThan(16 + 8)
  expect(table.bytes / table.size).toBeLessThan(16 + 8 * 4)
})
