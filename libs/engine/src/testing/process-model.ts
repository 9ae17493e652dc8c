import { keyGroupOf } from '../key-group.ts'

/** What the function under test does with its context for one record, in order. */
export type Action =
  | { readonly do: 'setValue' | 'addToList' | 'addToTotal'; readonly n: number }
  | { readonly do: 'setEntry'; readonly entry: number; readonly n: number }
  | { readonly do: 'deleteEntry'; readonly entry: number }
  | { readonly do: 'setList'; readonly values: readonly number[] }
  | { readonly do: 'clearValue' | 'clearList' | 'clearMap' | 'clearTotal' }
  | { readonly do: 'setTimer' | 'deleteTimer' | 'setAlarm' | 'deleteAlarm'; readonly time: number }
  | { readonly do: 'throw' }

export interface TimeToLive {
  readonly value: number | null
  readonly list: number | null
  readonly map: number | null
  readonly total: number | null
}

interface Held {
  readonly n: number
  readonly expiresAt: number
}
interface KeyState {
  value: Held | undefined
  list: Held[]
  map: Record<number, Held>
  total: Held | undefined
}
interface ModelTimer {
  readonly key: string
  readonly time: number
  readonly set: number
}
interface ModelState {
  readonly keys: Record<string, KeyState>
  timers: ModelTimer[]
  alarms: ModelTimer[]
}

const noState = (): KeyState => ({ value: undefined, list: [], map: {}, total: undefined })

/** What onTimer does, by the time of its timer alone. */
export function timerActions(time: number): readonly Action[] {
  return [
    { do: 'addToList', n: time },
    ...(time % 3 === 0 ? [{ do: 'setTimer', time: time + 7 } as const] : []),
    ...(time % 5 === 0 && time > 0 ? [{ do: 'setTimer', time: time - 5 } as const] : []),
    ...(time % 2 === 0 ? [{ do: 'deleteTimer', time: time - 5 } as const] : []),
    ...(time % 4 === 0 ? [{ do: 'setAlarm', time: time + 9 } as const] : []),
    ...(time % 7 === 0 ? [{ do: 'throw' } as const] : []),
  ]
}

/**
 * States and timers of a process function as their documentation defines them, without any code of the engine: plain
 * lists that are searched, copies that are put back where a call throws.
 */
export class ProcessModel {
  now = 0
  #watermark = -Infinity
  #hasEnded = false
  /** Of the timers that fire: what is set for no later waits. */
  #firing: { readonly time: number; readonly waiting: ModelTimer[] } | undefined
  #set = 0
  #state: ModelState = { keys: {}, timers: [], alarms: [] }
  readonly #ttl: TimeToLive

  constructor(ttl: TimeToLive) {
    this.#ttl = ttl
  }

  /** What the record's function returns; null where it throws. */
  record(key: string, actions: readonly Action[]): string | null {
    return this.#call(key, actions)
  }

  advance(watermark: number): string[] {
    if (watermark <= this.#watermark) return []
    this.#watermark = watermark
    return this.#fire('timers', this.#watermark)
  }

  /** What the alarms that are due by now return, called back as often as there are any. */
  clock(now: number): string[] {
    this.now = now
    const fired: string[] = []
    while (this.#state.alarms.some(({ time }) => time <= now)) fired.push(...this.#fire('alarms', now))
    return fired
  }

  end(): string[] {
    this.#watermark = Infinity
    this.#hasEnded = true
    const fired: string[] = []
    do fired.push(...this.#fire('timers', Infinity), ...this.#fire('alarms', Infinity))
    while (this.#state.timers.length > 0)
    return fired
  }

  /** The groups of the keys of which anything is known. */
  keyGroups(): number[] {
    const live = Object.keys(this.#state.keys).filter((key) => this.#describe(key) !== emptyKey)
    const timed = [...this.#state.timers, ...this.#state.alarms].map(({ key }) => key)
    return [...new Set([...live, ...timed].map(keyGroupOf))].sort((a, b) => a - b)
  }

  #fire(which: 'timers' | 'alarms', until: number): string[] {
    const fired: string[] = []
    const waiting: ModelTimer[] = []
    for (;;) {
      const due = this.#state[which].filter(({ time }) => time <= until)
      const [first] = due.sort((a, b) => a.time - b.time || a.set - b.set)
      if (first === undefined) break
      this.#state[which] = this.#state[which].filter((timer) => timer !== first)
      this.#firing = { time: which === 'timers' ? first.time : -Infinity, waiting }
      const returned = this.#call(first.key, timerActions(first.time))
      if (returned !== null) fired.push(`${which} ${first.time} ${returned}`)
    }
    this.#firing = undefined
    this.#state[which].push(...waiting)
    return fired
  }

  #call(key: string, actions: readonly Action[]): string | null {
    const before = structuredClone(this.#state)
    const waiting = [...(this.#firing?.waiting ?? [])]
    for (const action of actions) {
      if (action.do === 'throw') {
        this.#state = before
        this.#firing?.waiting.splice(0, Infinity, ...waiting)
        return null
      }
      this.#act(key, action)
    }
    return this.#describe(key)
  }

  #act(key: string, action: Exclude<Action, { do: 'throw' }>): void {
    const state = (this.#state.keys[key] ??= noState())
    const held = (n: number, of: keyof TimeToLive): Held => ({ n, expiresAt: this.now + (this.#ttl[of] ?? Infinity) })
    switch (action.do) {
      case 'setValue':
        state.value = held(action.n, 'value')
        return
      case 'addToList':
        state.list.push(held(action.n, 'list'))
        return
      case 'setList':
        state.list = action.values.map((n) => held(n, 'list'))
        return
      case 'setEntry':
        state.map[action.entry] = held(action.n, 'map')
        return
      case 'deleteEntry':
        delete state.map[action.entry]
        return
      case 'addToTotal':
        state.total = held((this.#live(state.total)?.n ?? 0) + action.n, 'total')
        return
      case 'clearValue':
        state.value = undefined
        return
      case 'clearList':
        state.list = []
        return
      case 'clearMap':
        state.map = {}
        return
      case 'clearTotal':
        state.total = undefined
        return
      case 'setTimer':
        return this.#setTimer('timers', key, action.time)
      case 'setAlarm':
        if (!this.#hasEnded) this.#setTimer('alarms', key, action.time)
        return
      case 'deleteTimer':
      case 'deleteAlarm': {
        const which = action.do === 'deleteTimer' ? 'timers' : 'alarms'
        const others = (timer: ModelTimer) => timer.key !== key || timer.time !== action.time
        this.#state[which] = this.#state[which].filter(others)
        if (this.#firing && which === 'timers')
          this.#firing.waiting.splice(0, Infinity, ...this.#firing.waiting.filter(others))
      }
    }
  }

  #setTimer(which: 'timers' | 'alarms', key: string, time: number): void {
    const waits = which === 'timers' && this.#firing !== undefined && time <= this.#firing.time
    const among = waits ? this.#firing!.waiting : this.#state[which]
    if (among.some((timer) => timer.key === key && timer.time === time)) return
    among.push({ key, time, set: this.#set++ })
  }

  #live(held: Held | undefined): Held | undefined {
    return held !== undefined && held.expiresAt > this.now ? held : undefined
  }

  #describe(key: string): string {
    const { value, list, map, total } = this.#state.keys[key] ?? noState()
    const entries = Object.entries(map).filter(([, held]) => this.#live(held))
    return describeKey({
      value: this.#live(value)?.n,
      list: list.filter((held) => this.#live(held)).map(({ n }) => n),
      map: entries.map(([entry, { n }]) => [Number(entry), n]),
      total: this.#live(total)?.n,
    })
  }
}

/** What is known of a key, in one text. */
export function describeKey(known: {
  readonly value: number | undefined
  readonly list: readonly number[]
  readonly map: readonly (readonly [number, number])[]
  readonly total: number | undefined
}): string {
  return JSON.stringify({ ...known, map: [...known.map].sort(([a], [b]) => a - b) })
}

const emptyKey = describeKey({ value: undefined, list: [], map: [], total: undefined })
