import type { LeafColumn } from './leaf-column.ts'
import type { RecordPart, WantedRows } from './wanted-rows.ts'

/** Adds the records of some rows of a row group to a list. */
export type MakeRecords = (columns: readonly LeafColumn[], from: number, to: number, records: unknown[]) => void

/**
 * One generated function that writes out the objects with their fields, so that they have one shape: naming the fields one by
 * one costs several times as much.
 * @returns undefined where code must not be made of text
 */
export function recordMaker(rows: WantedRows, title: string): MakeRecords | undefined {
  try {
    return new Function('columns', 'from', 'to', 'records', sourceOf(rows, title)) as MakeRecords
  } catch (thrown) {
    if (thrown instanceof EvalError) return undefined
    throw thrown
  }
}

function sourceOf({ record, leaves }: WantedRows, title: string): string {
  const names = ['levels', 'numbers', 'codes', 'dictionary', 'text']
  const columns = leaves.flatMap((_, column) =>
    names.map((name) => `const ${name}${column} = columns[${column}].${name}`),
  )
  return [
    `// ${title.replaceAll(/[^\x20-\x7e]/g, '?')}`,
    `'use strict'`,
    ...columns,
    `for (let row = from; row < to; row++) records.push(${valueOf(record)})`,
  ].join('\n')
}

function valueOf(part: RecordPart): string {
  const { column, level } = part
  const value = partOf(part)
  if (level === 0) return value
  return `(levels${column} !== undefined && levels${column}[row] < ${level} ? null : ${value})`
}

function partOf(part: RecordPart): string {
  const { kind, column } = part
  switch (kind) {
    case 'object':
      return `{ ${part.fields.map(([name, field]) => `${JSON.stringify(name)}: ${valueOf(field)}`).join(', ')} }`
    case 'number':
      return `numbers${column}[row]`
    case 'boolean':
      return `numbers${column}[row] === 1`
    case 'text':
      return `(codes${column}[row] < 0 ? text${column}(row) : dictionary${column}[codes${column}[row]])`
  }
}
