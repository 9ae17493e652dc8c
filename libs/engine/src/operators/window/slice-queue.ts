import { copyCell, type Cell, type Fold } from '../fold/fold.ts'

/**
 * One key's slices of the window that slides over them, joined anew for each window in constant time: a queue made of two
 * stacks. The older slices have each been joined with all that follow them up to the middle, the newer ones with each
 * other; so a window is one of the older joins and the newer one. When the older are used up the newer take their place,
 * each once: two joins a slice and window, however many slices a window has.
 *
 * Order is kept: what is joined stands in the order of the slices. Cells of slices are never changed here.
 */
export class SliceQueue {
  readonly #fold: Fold
  #starts: number[] = []
  #cells: Cell[] = []
  /** Index of the first slice of the window. Those before it are cut off when the stacks are turned over. */
  #head = 0
  /** `#joined[i]`, from the head to the middle: the cells from `i` to the middle. */
  #joined: Cell[] = []
  #middle = 0
  /** The cells from the middle on; undefined where there is none. */
  #newer: Cell | undefined
  /** Whether `#newer` is a cell of this queue's own, and not that of a slice. */
  #isNewerOwn = false
  /** A slice has changed since the joins were made. */
  #isStale = false

  /** How many slices there are when it turns over for the first time. */
  readonly #firstTurn: number

  /**
   * @param firstTurn after how many slices to turn over for the first time, at the latest when the window moves on. From
   * then on it turns once a window: where keys begin together, each its own time keeps them from all turning at once.
   */
  constructor(fold: Fold, firstTurn = Infinity) {
    this.#fold = fold
    this.#firstTurn = firstTurn
  }

  /** How many slices the window has. */
  get length(): number {
    return this.#starts.length - this.#head
  }

  /** @param start later than all before. */
  push(start: number, cell: Cell): void {
    this.#starts.push(start)
    this.#cells.push(cell)
    if (this.#isStale || !this.#fold.staysSmall) return
    if (this.#newer === undefined) {
      this.#newer = cell
      this.#isNewerOwn = false
      return
    }
    if (!this.#isNewerOwn) {
      this.#newer = copyCell(this.#fold, this.#newer)
      this.#isNewerOwn = true
    }
    this.#fold.merge(this.#newer, cell)
    if (this.#starts.length === this.#firstTurn && this.#head === 0 && this.#middle === 0) this.#turnOver()
  }

  /** A record has come late: the slice's cell has changed, or is new. */
  update(start: number, cell: Cell): void {
    let at = this.#starts.length
    while (at > this.#head && this.#starts[at - 1] > start) at--
    if (at > this.#head && this.#starts[at - 1] === start) this.#cells[at - 1] = cell
    else {
      this.#starts.splice(at, 0, start)
      this.#cells.splice(at, 0, cell)
    }
    this.#isStale = true
  }

  /** Lets go of the slices that begin before the window does. */
  dropBefore(windowStart: number): void {
    while (this.#head < this.#starts.length && this.#starts[this.#head] < windowStart) this.#head++
    if (this.#head > this.#middle && !this.#isStale) this.#turnOver()
  }

  /** The records of all slices, which are one at least. Not to be changed: it may be the cell of a slice. */
  join(): Cell {
    const fold = this.#fold
    if (this.length === 1) return this.#cells[this.#head]
    if (!fold.staysSmall) return this.#joinAll()
    if (this.#isStale) this.#turnOver()
    if (this.#head === this.#middle) return this.#newer!
    const older = this.#joined[this.#head]
    if (this.#newer === undefined) return older
    const all = copyCell(fold, older)
    fold.merge(all, this.#newer)
    return all
  }

  /** What grows with its records is not kept twice: joining costs about what there is to emit. */
  #joinAll(): Cell {
    const all = copyCell(this.#fold, this.#cells[this.#head])
    for (let i = this.#head + 1; i < this.#cells.length; i++) this.#fold.merge(all, this.#cells[i])
    return all
  }

  /** Makes all slices the older ones. */
  #turnOver(): void {
    const fold = this.#fold
    this.#starts = this.#starts.slice(this.#head)
    this.#cells = this.#cells.slice(this.#head)
    this.#head = 0
    this.#middle = this.#cells.length
    this.#newer = undefined
    this.#isStale = false
    if (!fold.staysSmall) return
    this.#joined = this.#cells.slice()
    for (let i = this.#middle - 2; i >= 0; i--) {
      const joined = copyCell(fold, this.#cells[i])
      fold.merge(joined, this.#joined[i + 1])
      this.#joined[i] = joined
    }
  }
}
