import { LightflusError } from '../errors/lightflus-error.ts'
import type { Panes } from '../operators/window.ts'
import type { Windower } from '../windows/windower.ts'
import { isTrigger } from './rules.ts'
import type { EarlyTrigger, LateTrigger, Trigger, TriggerOptions } from './trigger-options.ts'

/** What the option `trigger` of a window takes: one trigger, or what comes early and late beside the result on time. */
export type TriggerChoice<T> = Trigger<T> | EarlyTrigger | LateTrigger | readonly (EarlyTrigger | LateTrigger)[]

export type TriggerFunctions = Readonly<Record<string, (...args: any[]) => unknown>>

export interface ResolvedTrigger {
  readonly options: TriggerOptions
  /** Of triggers that the program made, by the id in the options. */
  readonly functions: Readonly<Record<string, TriggerFunctions>>
}

/** @throws LF_PROGRAM_OPTION where it is no trigger, or not one for such windows. */
export function resolveTrigger(choice: TriggerChoice<any>, windower: Windower<any>, panes: Panes): ResolvedTrigger {
  const functions: Record<string, TriggerFunctions> = {}
  const isOfClock = 'time' in windower && windower.time === 'processing'

  function described(trigger: Trigger<any>): TriggerOptions {
    switch (trigger.kind) {
      case 'any':
      case 'all':
      case 'sequence':
        return { kind: trigger.kind, triggers: trigger.triggers.map(described) }
      case 'purging':
        if (panes === 'retracting')
          throw refusal("trigger.purging drops what it has to take back with panes: 'retracting'; use one of them.")
        return { kind: 'purging', trigger: described(trigger.trigger) }
      case 'custom': {
        if (windower.kind === 'session' && trigger.functions.merge === undefined)
          throw refusal('trigger.custom needs merge over session windows, since they become one.')
        const id = `custom-${Object.keys(functions).length + 1}`
        const given = Object.entries(trigger.functions).filter(([, fn]) => fn !== undefined)
        functions[id] = Object.fromEntries(given) as TriggerFunctions
        return { kind: 'custom', id }
      }
      case 'eventTime':
        if (isOfClock)
          throw refusal('trigger.eventTime never fires windows of processing time; use trigger.processingTime.')
        return trigger
      case 'processingTime':
        if (windower.kind === 'global')
          throw refusal('trigger.processingTime fires at the end of a window, and a global window has none.')
        return trigger
      default:
        return trigger
    }
  }

  const options = isTrigger(choice) ? described(choice) : phases(choice)
  return { options, functions }
}

/** Several that come early, or late: whichever is ready first. */
function phases(choice: unknown): TriggerOptions {
  const given: readonly unknown[] = Array.isArray(choice) ? choice : [choice]
  const early: TriggerOptions[] = []
  const late: TriggerOptions[] = []
  for (const each of given) {
    const { phase, trigger } = (each ?? {}) as Partial<EarlyTrigger | LateTrigger>
    if (!isTrigger(trigger) || (phase !== 'early' && phase !== 'late'))
      throw refusal(
        "option 'trigger' must be a trigger such as trigger.count(100), or early and late ones such as [early.every('5s'), late.every('1m')].",
      )
    if (phase === 'early') early.push(trigger)
    else late.push(trigger)
  }
  return { kind: 'eventTime', early: whichever(early), late: whichever(late) }
}

function whichever(triggers: readonly TriggerOptions[]): TriggerOptions | null {
  return triggers.length === 0 ? null : triggers.length === 1 ? triggers[0] : { kind: 'any', triggers }
}

function refusal(what: string): LightflusError {
  return new LightflusError('LF_PROGRAM_OPTION', `window: ${what}`)
}
