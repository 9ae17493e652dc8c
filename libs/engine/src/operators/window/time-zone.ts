/**
 * How far the wall clocks of a time zone are ahead of UTC at an instant, in milliseconds. By Intl, which every place that
 * programs run in has, and which knows all clock changes of the past.
 *
 * @throws RangeError for a name that is no time zone, and from the result for an instant that no date has.
 */
export function timeZoneOffset(timeZone: string): (instant: number) => number {
  if (timeZone === 'UTC') return () => 0
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (instant) => {
    const shown: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
    for (const { type, value } of format.formatToParts(instant)) shown[type] = value
    const { year, month, day, hour, minute, second } = shown
    const wall = new Date(0)
    // Not Date.UTC, which takes the years 0 to 99 for those of the twentieth century.
    wall.setUTCFullYear(shown.era === 'BC' ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day))
    wall.setUTCHours(Number(hour), Number(minute), Number(second))
    // Offsets are whole seconds.
    return wall.getTime() - Math.floor(instant / 1_000) * 1_000
  }
}
