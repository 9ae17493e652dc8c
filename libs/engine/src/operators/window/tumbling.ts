/** Start of the one window of this size that holds the event time. Windows begin at multiples of the size, shifted. */
export function windowStart(timestamp: number, sizeMs: number, offsetMs: number): number {
  const sinceStart = (timestamp - offsetMs) % sizeMs
  // The remainder has the sign of the dividend: before the epoch it counts from the window's end.
  return timestamp - (sinceStart < 0 ? sinceStart + sizeMs : sinceStart)
}
