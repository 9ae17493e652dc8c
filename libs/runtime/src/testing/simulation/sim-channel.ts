import type { InputChannel, OutputChannel, StreamElement } from '@lightflus/engine'
import { Line, type Actor, type World } from './world.ts'

/** Most elements under way before the sender is held back. */
const capacity = 2

/** A way between two subtasks, of one slot or of two, on which everything takes its time. */
export class SimChannel implements InputChannel, OutputChannel {
  readonly #there: Line
  readonly #back: Line
  readonly #arrived: StreamElement[] = []
  #underWay = 0
  #wake = (): void => undefined
  #waiting: (() => void)[] = []
  #isCancelled = false

  constructor(world: World, from: Actor, to: Actor) {
    this.#there = new Line(world, to, 3)
    this.#back = new Line(world, from, 1)
  }

  send(element: StreamElement): void | Promise<void> {
    const sent = structuredClone(element)
    this.#underWay += 1
    this.#there.send(() => {
      this.#arrived.push(sent)
      this.#wake()
    })
    if (this.#underWay > capacity && !this.#isCancelled)
      return new Promise((resolve) => {
        this.#waiting.push(resolve)
      })
  }

  take(): StreamElement | undefined {
    const element = this.#arrived.shift()
    if (element) {
      this.#underWay -= 1
      if (this.#underWay <= capacity) this.#back.send(() => this.#release())
    }
    return element
  }

  onArrival(wake: () => void): void {
    this.#wake = wake
  }

  /** The attempt ends: nobody waits any more. */
  cancel(): void {
    this.#isCancelled = true
    this.#release()
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
