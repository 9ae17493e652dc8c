import type { Graph } from '@lightflus/api'
import { maxWatermark, minWatermark } from '../record.ts'

/** One source subtask's place in its group of sources that wait for each other. */
export interface AlignmentPort {
  /** How far it is; {@link maxWatermark}: it is idle or has ended, and nobody waits for it. */
  report(watermark: number): void
  /** The least of the group, itself included: minWatermark until each has reported. */
  least(): number
}

/**
 * How far every source subtask of a job is whose sources wait for each other, in memory that its threads share. Each
 * writes a cell of its own and reads those of its group, so nothing is sent and nobody waits for a lock. What a thread
 * reads may be old, and then it is too low, so it waits too long rather than too little.
 */
export class SourceAlignment {
  readonly #cells: BigInt64Array
  readonly #parallelism: number
  /** Of each group, its sources; a source's cells follow each other from its number in the list of all. */
  readonly #groups: ReadonlyMap<string, readonly string[]>
  readonly #sources: readonly string[]

  /** @param memory zeroed before the first of the job's threads sees it, and as large as {@link bytes} says. */
  constructor(graph: Graph, parallelism: number, memory: ArrayBuffer | SharedArrayBuffer) {
    this.#cells = new BigInt64Array(memory)
    this.#parallelism = parallelism
    this.#groups = alignmentGroups(graph)
    this.#sources = [...this.#groups.values()].flat()
  }

  static bytes(graph: Graph, parallelism: number): number {
    return [...alignmentGroups(graph).values()].flat().length * parallelism * BigInt64Array.BYTES_PER_ELEMENT
  }

  /** The place of a source's subtask; undefined where the source waits for no other. */
  port(source: string, subtask: number): AlignmentPort | undefined {
    const group = [...this.#groups.values()].find((sources) => sources.includes(source))
    if (group === undefined) return undefined
    const parallelism = this.#parallelism
    const cells = this.#cells
    const cellsOf = (each: string) =>
      Array.from({ length: parallelism }, (_, index) => this.#sources.indexOf(each) * parallelism + index)
    const own = cellsOf(source)[subtask]
    const all = group.flatMap(cellsOf)
    return {
      report: (watermark) => void Atomics.store(cells, own, BigInt(watermark) - BigInt(minWatermark)),
      least() {
        let least = maxWatermark
        for (const cell of all) least = Math.min(least, Number(Atomics.load(cells, cell) + BigInt(minWatermark)))
        return least
      },
    }
  }
}

/** Sources by the name of their group, in the graph's order. */
function alignmentGroups(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const { id, options } of graph.operators) {
    const alignment = options['alignment'] as { readonly group: string } | null | undefined
    if (alignment) groups.set(alignment.group, [...(groups.get(alignment.group) ?? []), id])
  }
  return groups
}
