import { everything, nothing } from '../../field-use/demand.ts'
import { pack } from '../../testing/pack.ts'
import { createJsonScanner } from '../json-scanner.ts'

/** What a scanner makes of some records in the place that this is called in; null: there is none in it. */
export function scannedHere(): readonly unknown[] | null {
  const fields = new Map([['a', { demand: everything, fields: new Map() }]])
  const demand = { ...nothing, fields: new Map([['a', everything]]) }
  const scanner = createJsonScanner({ demand, fields }, { title: 'here', host: {} })
  if (scanner === undefined) return null
  const texts = ['{"a":1,"b":[]}', '{"b":{},"a":"ü"}', '{"a":{"c":"\\n"}}', '{"a"']
  const rows = scanner.scan(pack(texts), 0, texts.length)
  return Array.from({ length: rows }, (_, row) => (scanner.columns.scanned[row] ? scanner.record(row) : 'left'))
}
