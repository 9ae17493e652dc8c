import { isMantineColorScheme, type MantineColorSchemeManager } from '@mantine/core'

/** Shared with public/color-scheme.js, which reads it before the first paint. */
const storageKey = 'lightflus-color-scheme'

/** Keeps the chosen colour scheme in this browser; a page whose storage is closed falls back to the system's. */
export function colorSchemeManager(storage: () => Storage): MantineColorSchemeManager {
  let unsubscribe: (() => void) | undefined
  return {
    get: (fallback) => {
      try {
        const kept = storage().getItem(storageKey)
        return isMantineColorScheme(kept) ? kept : fallback
      } catch {
        return fallback
      }
    },
    set: (value) => {
      try {
        storage().setItem(storageKey, value)
      } catch {
        // The choice then lasts as long as the page does.
      }
    },
    subscribe: (onUpdate) => {
      const listener = (event: StorageEvent): void => {
        if (event.key === storageKey && isMantineColorScheme(event.newValue)) onUpdate(event.newValue)
      }
      addEventListener('storage', listener)
      unsubscribe = () => removeEventListener('storage', listener)
    },
    unsubscribe: () => unsubscribe?.(),
    clear: () => storage().removeItem(storageKey),
  }
}
