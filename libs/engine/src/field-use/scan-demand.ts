import { valueKind, type JsonScanner, type ScanDemand } from '../scan/scan-types.ts'
import { everything, nothing, union, type Demand } from './demand.ts'
import type { Structure } from './structure.ts'

/**
 * What a scanner is to look for where a demand is made on records, and on those that a schema lets pass if there is one.
 * @param checks which fields the schema is to be asked about: `all`, or those that are wanted.
 * @returns its demand is what records are made as. Wholes of what a schema lets pass are made of all the fields that it
 * knows; so is what is wanted as a text, since the text itself may hold more, or the same in another order.
 */
export function scanDemandOf(demand: Demand, structure?: Structure, checks: 'all' | 'used' = 'all'): ScanDemand {
  if (structure?.fields === undefined) {
    const isObject = structure === undefined || (structure.accepts & (1 << valueKind.object)) !== 0
    const inner = isObject ? [...demand.fields].map(([name, wanted]) => [name, scanDemandOf(wanted)] as const) : []
    return { demand, ...(structure && { accepts: structure.accepts }), fields: new Map(inner) }
  }
  const isWhole = demand.whole || demand.text
  const wanted = new Map<string, Demand>()
  const fields = new Map<string, ScanDemand>()
  for (const [name, field] of structure.fields) {
    const own = demand.fields.get(name)
    if (own === undefined && !isWhole) {
      if (checks === 'all') fields.set(name, scanDemandOf(nothing, field, checks))
      continue
    }
    const inner = scanDemandOf(isWhole ? union(own ?? nothing, everything) : own!, field, checks)
    wanted.set(name, inner.demand)
    // A record that is looked at as a whole shows what it lacks: without that field it is left to the plain path.
    fields.set(name, isWhole ? { ...inner, accepts: inner.accepts! & ~(1 << valueKind.missing) } : inner)
  }
  return { demand: { whole: false, text: false, fields: wanted }, accepts: structure.accepts, fields }
}

/** The same scanner, which leaves rows to the plain path where a number is infinite that the schema wants finite. */
export function withFiniteNumbers(scanner: JsonScanner, structure: Structure): JsonScanner {
  const { columns, slots } = scanner
  const numbers = slots.flatMap(({ path }, slot) => (structureAt(structure, path)?.isFinite ? [slot] : []))
  return {
    ...scanner,
    scan(payloads, from, to) {
      const rows = scanner.scan(payloads, from, to)
      for (const slot of numbers) {
        const values = columns.numbers[slot]
        const kinds = columns.kinds[slot]
        for (let row = 0; row < rows; row++) {
          // Only what could not be told exactly may be beyond all numbers.
          if (values[row] === values[row] || kinds[row] !== valueKind.number || columns.scanned[row] === 0) continue
          if (!Number.isFinite(Number(textAt(slot, row)))) columns.scanned[row] = 0
        }
      }
      return rows
    },
  }

  function textAt(slot: number, row: number): string {
    return new TextDecoder().decode(columns.bytes.subarray(columns.starts[slot][row], columns.ends[slot][row]))
  }
}

function structureAt(structure: Structure, path: readonly string[]): Structure | undefined {
  return path.reduce<Structure | undefined>((at, name) => at?.fields?.get(name), structure)
}
