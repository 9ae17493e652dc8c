const thin = '\u202f'
const minus = '\u2212'

const decimalUnits = ['', 'k', 'M', 'G', 'T', 'P'] as const
const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Three figures of a number and the power of 1000 it was divided by: 12_345 → ['12.3', 1]. */
function threeFigures(value: number, powersMax: number): readonly [string, number] {
  let power = 0
  let rest = Math.abs(value)
  while (power < powersMax && Number(rest.toPrecision(3)) >= 1_000) {
    rest /= 1_000
    power += 1
  }
  const figures = rest === 0 || rest >= 100 ? rest.toFixed(0) : rest >= 10 ? trimmed(rest, 1) : trimmed(rest, 2)
  return [value < 0 && Number(figures) !== 0 ? `${minus}${figures}` : figures, power]
}

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)))

/** A count in at most three figures: `940`, `12.3k`, `4.56M`. */
export function formatCount(value: number): string {
  const [figures, power] = threeFigures(value, decimalUnits.length - 1)
  return `${figures}${decimalUnits[power]}`
}

/** A count in full, in groups of three: `1 234 567`. */
export function formatExact(value: number): string {
  const [whole, fraction] = String(Math.abs(value)).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thin)
  return `${value < 0 ? minus : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** Records per second: `12.3k/s`; null, not running, is a dash. Under ten it keeps one place, since 0.4/s is not none. */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return '–'
  if (perSecond > 0 && perSecond < 0.05) return '<0.1/s'
  return `${perSecond < 10 ? trimmed(perSecond, 1) : formatCount(perSecond)}/s`
}

/** Bytes in decimal units: `1.24 MB`. */
export function formatBytes(bytes: number): string {
  const [figures, power] = threeFigures(bytes, byteUnits.length - 1)
  return `${figures}${thin}${byteUnits[power]}`
}
