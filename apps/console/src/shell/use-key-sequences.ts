import { useEffect, useRef } from 'react'
import { sequenceOf, type PressedKey } from './key-sequences.ts'

/** Keys that somebody types into a field are not ours. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Runs a task when its two keys are pressed one after the other, as `g j`. */
export function useKeySequences(tasks: Readonly<Record<string, () => void>>): void {
  const current = useRef(tasks)
  useEffect(() => {
    current.current = tasks
  })
  useEffect(() => {
    let before: PressedKey | undefined
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const pressed = { key: event.key, at: event.timeStamp }
      const sequence = sequenceOf(before, pressed)
      const task = sequence === undefined ? undefined : current.current[sequence]
      before = task ? undefined : pressed
      if (task) {
        event.preventDefault()
        task()
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
