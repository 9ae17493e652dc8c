import type { Key } from '@lightflus/api'

/** Forgets the keys whose time is at most this. The map is in the order of its times. */
export function forgetBefore(remembered: Map<Key, number | { readonly time: number }>, last: number): void {
  for (const [key, entry] of remembered) {
    if ((typeof entry === 'number' ? entry : entry.time) > last) return
    remembered.delete(key)
  }
}

/** Restored from several subtasks, whose keys are each in that order. */
export function inOrderOfTime<T extends { readonly time: number }>(entries: T[]): T[] {
  return entries.sort((a, b) => a.time - b.time)
}
