const thin = '\u202f'

/** A span as a person says it, two units at most: `840 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatSpan(ms: number): string {
  const span = Math.max(0, ms)
  if (span < 1_000) return `${Math.round(span)}${thin}ms`
  if (span < 10_000) return `${Number((span / 1_000).toFixed(1))}${thin}s`
  const seconds = Math.round(span / 1_000)
  if (seconds < 60) return `${seconds}${thin}s`
  const pairs = [
    [86_400, 'd', 3_600, 'h'],
    [3_600, 'h', 60, 'min'],
    [60, 'min', 1, 's'],
  ] as const
  for (const [unit, name, lesser, lesserName] of pairs) {
    if (seconds < unit) continue
    const rest = Math.floor((seconds % unit) / lesser)
    return `${Math.floor(seconds / unit)}${thin}${name}${rest === 0 ? '' : ` ${rest}${thin}${lesserName}`}`
  }
  return `${seconds}${thin}s`
}

/** How long ago, one unit: `just now`, `12 s ago`, `3 d ago`; the future, by clocks that differ, is `just now`. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1_000)
  if (seconds < 2) return 'just now'
  if (seconds < 60) return `${seconds}${thin}s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}${thin}min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}${thin}h ago`
  return `${Math.floor(seconds / 86_400)}${thin}d ago`
}

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0')

/** Time of day in the reader's zone, to the millisecond: `14:03:07.120`. */
export function formatClock(at: number): string {
  const date = new Date(at)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`
}

/** Date and time in the reader's zone, to the second: `2026-11-23 14:03:07`. */
export function formatDateTime(at: number): string {
  const date = new Date(at)
  return `${formatDate(at)} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

export function formatDate(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
}
