import { noTimestamp } from '../record.ts'
import { typeOf } from '../operators/record-failures.ts'

/** The greatest time that a Date can hold, milliseconds: what lies beyond is no event time but a mistake. */
export const timestampMax = 8.64e15

export function isEventTime(timestamp: unknown): timestamp is number {
  return typeof timestamp === 'number' && (Math.abs(timestamp) <= timestampMax || timestamp === noTimestamp)
}

/** What is not an event time, in words. */
export function nameTime(timestamp: unknown): string {
  return typeof timestamp === 'number' ? String(timestamp) : typeOf(timestamp)
}
