import { setTimeout } from 'node:timers/promises'

/** Waits until the condition holds, looking again every few milliseconds. @throws when it does not in time */
export async function until(what: string, condition: () => boolean | Promise<boolean>, msMax = 30_000): Promise<void> {
  const deadline = performance.now() + msMax
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${msMax} ms in vain until ${what}`)
    await setTimeout(5)
  }
}
