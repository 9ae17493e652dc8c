import type { ResultShape } from '../field-use/function-use.ts'
import { valueKind, type ScanDemand } from '../scan/scan-types.ts'

const objects = (1 << valueKind.object) | (1 << valueKind.array)
const all = Object.values(valueKind).reduce<number>((bits, kind) => bits | (1 << kind), 0)

/**
 * The demand with those records left to be decoded whole whose texts must not be written as they were scanned:
 *
 * - where a function of the program has an object inside the text, which it may have changed;
 * - where a sink would write a text alone, which it does not write as JSON.
 *
 * @param shapes of what sinks write.
 */
export function textSafe(demand: ScanDemand, shapes: readonly ResultShape[]): ScanDemand {
  const alone = shapes.flatMap((shape) => (shape.kind === 'path' ? [shape.path] : []))
  return alone.reduce(withoutString, withoutObjects(demand, false))
}

function withoutObjects(scan: ScanDemand, isInText: boolean): ScanDemand {
  const { demand, accepts = all } = scan
  const inner = isInText || demand.text
  const fields = new Map([...scan.fields].map(([name, field]) => [name, withoutObjects(field, inner)] as const))
  return { ...scan, fields, ...(isInText && demand.whole && { accepts: accepts & ~objects }) }
}

function withoutString(scan: ScanDemand, path: readonly string[]): ScanDemand {
  const [name, ...rest] = path
  if (name === undefined) return { ...scan, accepts: (scan.accepts ?? all) & ~(1 << valueKind.string) }
  const field = scan.fields.get(name)
  return field ? { ...scan, fields: new Map(scan.fields).set(name, withoutString(field, rest)) } : scan
}
