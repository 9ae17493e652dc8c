/** A rule among an operator's options: its kind, and what belongs to that. */
export type Rule = { readonly kind: string } & Readonly<Record<string, unknown>>

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** As programs write it: `'90s'`, `'1h'`, `'500ms'`. */
export function durationText(ms: number): string {
  const unit = ms === 0 ? undefined : units.find(([, size]) => ms % size === 0)
  return unit ? `${ms / unit[1]}${unit[0]}` : ms === 0 ? '0s' : `${ms}ms`
}

const duration = (value: unknown): string => durationText(value as number)
const shifted = (offsetMs: unknown): string => (offsetMs ? ` from ${duration(offsetMs)}` : '')

/** `tumbling 5s`, `sliding 1h every 5m`, `session 30m`, `calendar day in Europe/Berlin`, `count 100 every 10`, `global`. */
export function windowText(windower: Rule): string {
  const clock = windower['time'] === 'processing' ? ' of processing time' : ''
  switch (windower.kind) {
    case 'tumbling':
      return `tumbling ${duration(windower['sizeMs'])}${shifted(windower['offsetMs'])}${clock}`
    case 'sliding':
      return `sliding ${duration(windower['sizeMs'])} every ${duration(windower['slideMs'])}${shifted(windower['offsetMs'])}${clock}`
    case 'session':
      return `session ${windower['gapMs'] === null ? 'with a gap by record' : duration(windower['gapMs'])}${clock}`
    case 'calendar':
      return `calendar ${String(windower['unit'])} in ${String(windower['timeZone'])}${shifted(windower['offsetMs'])}`
    case 'count': {
      const { size, slide } = windower
      return `count ${String(size)}${slide === size ? '' : ` every ${String(slide)}`}`
    }
    default:
      return windower.kind
  }
}

/** When a window fires: `early after 100 records`, `every 10s or after 100 records`. Undefined: as it usually does. */
export function ruleText(trigger: Rule): string | undefined {
  if (trigger.kind !== 'eventTime') return `fires ${triggerText(trigger)}`
  const { early, late } = trigger as { readonly early?: Rule | null; readonly late?: Rule | null }
  const phases = [...(early ? [`early ${triggerText(early)}`] : []), ...(late ? [`late ${triggerText(late)}`] : [])]
  return phases.length === 0 ? undefined : phases.join(', ')
}

function triggerText(trigger: Rule): string {
  const parts = () => (trigger['triggers'] as readonly Rule[]).map(triggerText)
  switch (trigger.kind) {
    case 'eventTime':
      return ['at the end', ruleText(trigger)].filter((part) => part !== undefined).join(', ')
    case 'processingTime':
      return 'at the end by the clock'
    case 'every':
      return `every ${duration(trigger['everyMs'])}`
    case 'count':
      return `after ${String(trigger['count'])} records`
    case 'any':
      return parts().join(' or ')
    case 'all':
      return parts().join(' and ')
    case 'sequence':
      return parts().join(' then ')
    case 'purging':
      return `${triggerText(trigger['trigger'] as Rule)}, purging`
    case 'custom':
      return 'by a rule of the program'
    default:
      return trigger.kind
  }
}

/** How a source tells its watermark. Undefined: records come in order. */
export function watermarkText(watermark: Rule): string | undefined {
  switch (watermark.kind) {
    case 'boundedOutOfOrderness':
      return watermark['outOfOrdernessMs'] === 0
        ? undefined
        : `up to ${duration(watermark['outOfOrdernessMs'])} out of order`
    case 'monotonic':
      return undefined
    case 'atEnd':
      return 'watermark at the end'
    case 'fromField':
      return 'watermark from records'
    default:
      return 'watermark by a rule of the program'
  }
}

/** Options that nobody knows here, as short as they go. */
export function conditionText(value: object): string {
  if (Array.isArray(value)) return value.map(String).join(', ')
  const kind = (value as { readonly kind?: unknown }).kind
  return typeof kind === 'string' ? windowText(value as Rule) : JSON.stringify(value)
}
