import type { SideOutput } from '@lightflus/api'
import { noTimestamp, type RecordBatch, type RecordOrigin } from '../../record.ts'
import { emittedRecordsMax, type Output } from '../operator.ts'
import { typeOf, type RecordFailures } from '../record-failures.ts'

interface Piece {
  readonly values: unknown[]
  readonly timestamps: number[]
  readonly positions: (number | string)[]
}

const emptyPiece = (): Piece => ({ values: [], timestamps: [], positions: [] })

/**
 * What functions of the program have returned and written to side outputs, until it is emitted. What belongs to the
 * record that they are at can be taken back.
 */
export class Results {
  readonly #failures: RecordFailures
  #main = emptyPiece()
  readonly #sides = new Map<string, Piece>()
  /** Where in `#main` the results of the record begin, and which side outputs it has written to, once for each value. */
  #mainBefore = 0
  readonly #written: Piece[] = []
  #sideCount = 0
  #timestamp = noTimestamp
  #position: number | string | undefined
  #origin: RecordOrigin | undefined

  constructor(failures: RecordFailures) {
    this.#failures = failures
  }

  /** @param origin of the batch whose records come next; undefined for timers. */
  beginBatch(origin: RecordOrigin | undefined): void {
    this.#origin = origin
  }

  /** @param timestamp of what is written from now on. */
  begin(timestamp: number, index: number): void {
    this.#timestamp = timestamp
    this.#position = this.#origin === undefined ? undefined : this.#origin.positions[index]
    this.#mainBefore = this.#main.values.length
    this.#written.length = 0
  }

  /** Takes what the function returned. @throws LF_USER_RESULT where that is no collection. */
  add(returned: unknown): void {
    if (returned === undefined) return
    const { values } = this.#main
    if (Array.isArray(returned)) for (let i = 0; i < returned.length; i++) values.push(returned[i])
    else if (isCollection(returned)) for (const value of returned) values.push(value)
    else {
      // A rejection that nobody awaits would end the process.
      if (returned instanceof Promise) returned.catch(() => {})
      this.#failures.misuse(`the function returned ${typeOf(returned)}, not an array, a generator or nothing.`)
    }
    const { timestamps, positions } = this.#main
    while (timestamps.length < values.length) {
      timestamps.push(this.#timestamp)
      if (this.#position !== undefined) positions.push(this.#position)
    }
  }

  readonly write = ({ name }: SideOutput<unknown>, value: unknown): void => {
    let piece = this.#sides.get(name)
    if (piece === undefined) this.#sides.set(name, (piece = emptyPiece()))
    piece.values.push(value)
    piece.timestamps.push(this.#timestamp)
    if (this.#position !== undefined) piece.positions.push(this.#position)
    this.#written.push(piece)
    this.#sideCount++
  }

  /** The record counts as a whole or not at all. */
  takeBack(): void {
    // A generator may have yielded some values; their times are written only once it is done.
    this.#main.values.length = this.#mainBefore
    for (const piece of this.#written) {
      piece.values.pop()
      piece.timestamps.pop()
      if (this.#position !== undefined) piece.positions.pop()
    }
    this.#sideCount -= this.#written.length
  }

  /** There is enough for batches of the usual size. */
  get isFull(): boolean {
    return this.#main.values.length + this.#sideCount >= emittedRecordsMax
  }

  /** Leaves what there is to nobody. */
  drop(): void {
    this.#main = emptyPiece()
    this.#sides.clear()
    this.#sideCount = 0
  }

  emit(output: Output): void | Promise<void> {
    const main = this.#main
    const sides = this.#sideCount === 0 ? undefined : [...this.#sides]
    const origin = this.#origin
    this.drop()
    const wait = main.values.length === 0 ? undefined : output.emit(toBatch(main, origin))
    if (sides === undefined) return wait
    return wait ? wait.then(() => emitSides(sides, origin, output)) : emitSides(sides, origin, output)
  }
}

function emitSides(
  sides: (readonly [string, Piece])[],
  origin: RecordOrigin | undefined,
  output: Output,
): void | Promise<void> {
  for (let side = sides.shift(); side !== undefined; side = sides.shift()) {
    const [name, piece] = side
    const wait = piece.values.length === 0 ? undefined : output.emitSide(name, toBatch(piece, origin))
    if (wait) return wait.then(() => emitSides(sides, origin, output))
  }
}

function toBatch({ values, timestamps, positions }: Piece, origin: RecordOrigin | undefined): RecordBatch {
  return { values, timestamps, ...(origin && { origin: { partition: origin.partition, positions } }) }
}

/** Text can be iterated over, but whoever returns it means one record. */
function isCollection(returned: unknown): returned is Iterable<unknown> {
  return (
    typeof returned === 'object' &&
    returned !== null &&
    typeof (returned as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function'
  )
}
