import { valueKind, type ScanDemand } from '@lightflus/engine'
import type { RowGroup, SchemaElement, SchemaTree } from 'hyparquet'
import type { Leaf, LeafColumn } from './leaf-column.ts'

/** A part of a record that is made: an object, or the value of a column. */
export type RecordPart = ObjectPart | ValuePart

export interface ObjectPart {
  readonly kind: 'object'
  /** Null in rows where the levels of this column are below `level`. */
  readonly column: number
  readonly level: number
  readonly fields: readonly (readonly [name: string, part: RecordPart])[]
}

export interface ValuePart {
  readonly kind: 'number' | 'boolean' | 'text'
  readonly column: number
  readonly level: number
}

/** Where the schema does not accept null: no row may be of a level, by a column that is read. */
interface LevelCheck {
  readonly column: number
  readonly level: number
}

/** The same of a column that nobody reads, by what the file says of it. */
interface UnreadCheck {
  readonly path: readonly string[]
  /** A column that is read tells by its levels below this how many rows have nothing around the value. */
  readonly parent: { readonly column: number; readonly level: number } | undefined
  readonly acceptsNull: boolean
  /** Whole numbers that may be beyond those that are exact. */
  readonly isLong: boolean
}

/** How records are made with what is wanted of them, and what has to hold for that, told from a file's schema. */
export interface WantedRows {
  readonly record: ObjectPart
  readonly leaves: readonly Leaf[]
  readonly checks: readonly LevelCheck[]
  readonly unread: readonly UnreadCheck[]
}

const bit = (kind: keyof typeof valueKind): number => 1 << valueKind[kind]

/** What is wanted cannot be had here: the library reads all of the file. */
class Beyond extends Error {}

/** @returns undefined where values are of kinds that are not known here, or that the program's schema does not accept. */
export function wantedRows(tree: SchemaTree, wanted: ScanDemand): WantedRows | undefined {
  try {
    const plan = new Plan()
    const record = plan.objectOf(tree, wanted, 0)
    return { record, leaves: plan.leaves, checks: plan.checks, unread: plan.unread }
  } catch (thrown) {
    if (thrown instanceof Beyond) return undefined
    throw thrown
  }
}

class Plan {
  readonly leaves: Leaf[] = []
  readonly checks: LevelCheck[] = []
  readonly unread: UnreadCheck[] = []

  objectOf(tree: SchemaTree, { demand, fields, accepts = -1 }: ScanDemand, around: number): ObjectPart {
    const { level, isNullable } = levelOf(tree, around)
    const { converted_type, logical_type } = tree.element
    if ((accepts & bit('object')) === 0 || demand.whole || demand.text) throw new Beyond()
    if (converted_type !== undefined || logical_type !== undefined) throw new Beyond()
    const made: [string, RecordPart][] = []
    const unread: (readonly [SchemaTree, ScanDemand])[] = []
    for (const [name, field] of fields) {
      const child = tree.children.find(({ element }) => element.name === name)
      const isWanted = demand.fields.has(name)
      if (child === undefined) {
        if (((field.accepts ?? -1) & bit('missing')) === 0 || name === '__proto__') throw new Beyond()
      } else if (isWanted || child.children.length > 0 || isFraction(child.element)) {
        const part = this.#partOf(child, field, level)
        if (isWanted) made.push([name, part])
      } else unread.push([child, field])
    }
    const column = level === 0 ? -1 : this.#columnIn(tree, level)
    if (isNullable && (accepts & bit('null')) === 0) this.checks.push({ column, level: level - 1 })
    for (const [child, field] of unread) this.#leaveUnread(child, field, level)
    return { kind: 'object', column, level, fields: made }
  }

  #partOf(tree: SchemaTree, wanted: ScanDemand, around: number): RecordPart {
    if (tree.children.length > 0 || tree.element.type === undefined) return this.objectOf(tree, wanted, around)
    const { level, isNullable } = levelOf(tree, around)
    const kind = kindOf(tree.element, wanted)
    const column = this.#leaf(tree, level, false)
    if (isNullable && ((wanted.accepts ?? -1) & bit('null')) === 0) this.checks.push({ column, level: level - 1 })
    return { kind, column, level }
  }

  #leaveUnread(tree: SchemaTree, wanted: ScanDemand, around: number): void {
    const { isNullable } = levelOf(tree, around)
    kindOf(tree.element, wanted)
    const acceptsNull = !isNullable || ((wanted.accepts ?? -1) & bit('null')) !== 0
    const isLong = tree.element.type === 'INT64'
    if (acceptsNull && !isLong) return
    const parent = around === 0 ? undefined : { column: this.#columnReadIn(tree.path.slice(0, -1)), level: around }
    this.unread.push({ path: tree.path, parent, acceptsNull, isLong })
  }

  /** A column that tells by its levels in which rows a struct is there. */
  #columnIn(tree: SchemaTree, level: number): number {
    const read = this.#columnReadIn(tree.path)
    if (read !== -1) return read
    const leaf = tree.children.find(({ children, element }) => children.length === 0 && element.type !== undefined)
    if (leaf === undefined) throw new Beyond()
    return this.#leaf(leaf, levelOf(leaf, level).level, true)
  }

  #columnReadIn(path: readonly string[]): number {
    return this.leaves.findIndex((leaf) => path.every((part, at) => leaf.path[at] === part))
  }

  #leaf({ path, element }: SchemaTree, level: number, isLevelsOnly: boolean): number {
    const type = element.type as Leaf['type']
    return this.leaves.push({ path, type, level, isLevelsOnly }) - 1
  }
}

/** Whether it is finite, nothing but the number itself tells. */
const isFraction = ({ type }: SchemaElement): boolean => type === 'DOUBLE' || type === 'FLOAT'

/** @param around level of the struct that it is in */
function levelOf({ element, path }: SchemaTree, around: number): { level: number; isNullable: boolean } {
  // What is said of the record itself means nothing.
  if (path.length === 0) return { level: 0, isNullable: false }
  if (element.repetition_type === 'REPEATED') throw new Beyond()
  const isNullable = element.repetition_type === 'OPTIONAL'
  return { level: around + (isNullable ? 1 : 0), isNullable }
}

const wholeNumbers: ReadonlySet<string | undefined> = new Set([
  undefined,
  'INT_8',
  'INT_16',
  'INT_32',
  'INT_64',
  'UINT_8',
  'UINT_16',
])

function kindOf(
  { type, converted_type, logical_type }: SchemaElement,
  { accepts = -1 }: ScanDemand,
): ValuePart['kind'] {
  const isAnnotated = logical_type !== undefined && !['INTEGER', 'STRING'].includes(logical_type.type)
  const kind = isAnnotated ? undefined : plainKind()
  if (kind === undefined) throw new Beyond()
  const bits = kind === 'number' ? bit('number') : kind === 'text' ? bit('string') : bit('true') | bit('false')
  if ((accepts & bits) !== bits) throw new Beyond()
  return kind

  function plainKind(): ValuePart['kind'] | undefined {
    if (type === 'BOOLEAN') return 'boolean'
    if (type === 'INT32' || type === 'INT64')
      return wholeNumbers.has(converted_type) && !isUnsigned() ? 'number' : undefined
    if (type === 'FLOAT' || type === 'DOUBLE') return 'number'
    return type === 'BYTE_ARRAY' && (converted_type === 'UTF8' || logical_type?.type === 'STRING') ? 'text' : undefined
  }

  function isUnsigned(): boolean {
    return logical_type?.type === 'INTEGER' && !logical_type.isSigned && (logical_type.bitWidth ?? 64) > 16
  }
}

/** Whether a row group, as its columns were read, is as the program's schema wants it. */
export function isAccepted({ checks, unread }: WantedRows, columns: readonly LeafColumn[], group: RowGroup): boolean {
  if (checks.some(({ column, level }) => columns[column].counts[level] > 0)) return false
  return unread.every(({ path, parent, acceptsNull, isLong }) => {
    const statistics = group.columns.find(({ meta_data }) => isPath(meta_data?.path_in_schema, path))?.meta_data
      ?.statistics
    const nulls = statistics?.null_count
    const around = parent
      ? columns[parent.column].counts.slice(0, parent.level).reduce((sum, rows) => sum + rows, 0)
      : 0
    if (!acceptsNull && (nulls === undefined || Number(nulls) !== around)) return false
    if (!isLong || Number(nulls) === Number(group.num_rows)) return true
    return isSafe(statistics?.min_value ?? statistics?.min) && isSafe(statistics?.max_value ?? statistics?.max)
  })
}

const isSafe = (bound: unknown): boolean => bound != null && Number.isSafeInteger(Number(bound))

export const isPath = (one: readonly string[] | undefined, other: readonly string[]): boolean =>
  one !== undefined && one.length === other.length && one.every((part, at) => part === other[at])
