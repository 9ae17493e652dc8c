import type { Column } from './column.ts'
import type { ColumnType } from './column-type.ts'
import { bareColumn, boolColumn, constantColumn, floatColumn, foreignColumn, intColumn } from './fixed-columns.ts'
import { listColumn } from './list-column.ts'
import { objectColumn } from './object-column.ts'
import { textColumn } from './text-column.ts'
import { unionColumn } from './union-column.ts'

/** Makes columns, once for each type: what a thread's channels have in common they share. */
export class Columns {
  readonly #made = new Map<string, Column>()
  readonly #madeMax = 256
  readonly #objects: typeof objectColumn

  /** @param objects the form of columns of objects. */
  constructor(objects = objectColumn) {
    this.#objects = objects
  }

  of(type: ColumnType): Column {
    const name = JSON.stringify(type)
    const known = this.#made.get(name)
    if (known) return known
    const column = this.#make(type)
    // Types that come and go are made again.
    if (this.#made.size >= this.#madeMax) this.#made.clear()
    this.#made.set(name, column)
    return column
  }

  #make(type: ColumnType): Column {
    switch (type.kind) {
      case 'none':
        return constantColumn('none')
      case 'int':
        return intColumn
      case 'float':
        return floatColumn
      case 'bool':
        return boolColumn
      case 'text':
        return textColumn()
      case 'null':
        return constantColumn(null)
      case 'undefined':
        return constantColumn(undefined)
      case 'any':
        return foreignColumn
      case 'bare':
        return bareColumn
      case 'unwanted':
        throw new Error('an unwanted field has no column')
      case 'object':
        // A text column remembers whether texts have repeated, so each field has one of its own.
        return this.#objects(type, (leaf) => (leaf.type.kind === 'text' ? textColumn() : this.of(leaf.type)))
      case 'list':
        return listColumn(this.of(type.item))
      case 'union':
        return unionColumn(
          type,
          type.variants.map((variant) => this.of(variant)),
        )
    }
  }
}
