import type { TriggerOptions } from '@lightflus/api'
import { allTrigger } from './all.ts'
import { anyTrigger } from './any.ts'
import { countTrigger } from './count.ts'
import { customSlot, customTrigger, type CustomFunctions, type CustomTrigger, type TriggerTimes } from './custom.ts'
import { eventTimeTrigger } from './event-time.ts'
import { everyTrigger } from './every.ts'
import { processingTimeTrigger } from './processing-time.ts'
import { purgingTrigger } from './purging.ts'
import { sequenceSlot, sequenceTrigger } from './sequence.ts'
import type { Trigger } from './trigger.ts'
import type { TriggerSlot } from './trigger-slot.ts'

/** A window's trigger, and those within it that remember something, or want to hear of records. */
export interface CreatedTrigger {
  readonly root: Trigger
  readonly slots: readonly TriggerSlot[]
  readonly customs: readonly CustomTrigger[]
  /** What its slots hold, in words that a checkpoint keeps. Empty: nothing. */
  readonly shape: string
}

/**
 * @param options as the graph shows it; null: the default, event time.
 * @param functions of triggers that the program made, by their ids in the options.
 */
export function createTrigger(
  options: TriggerOptions | null,
  functions: Readonly<Record<string, CustomFunctions>>,
  times: TriggerTimes,
): CreatedTrigger {
  const slots: TriggerSlot[] = []
  const customs: CustomTrigger[] = []

  function create(of: TriggerOptions): Trigger {
    switch (of.kind) {
      case 'eventTime':
        return eventTimeTrigger(of.early && create(of.early), of.late && create(of.late))
      case 'processingTime':
        return processingTimeTrigger()
      case 'every':
        return everyTrigger(of.everyMs)
      case 'count':
        return countTrigger(of.count)
      case 'any':
        return anyTrigger(of.triggers.map(create))
      case 'all':
        return allTrigger(of.triggers.map(create))
      case 'sequence': {
        const slot = slots.push(sequenceSlot(of.triggers.length)) - 1
        return sequenceTrigger(of.triggers.map(create), slot)
      }
      case 'purging':
        return purgingTrigger(create(of.trigger))
      case 'custom': {
        const slot = slots.push(customSlot(functions[of.id])) - 1
        const custom = customTrigger(functions[of.id], slot, times)
        customs.push(custom)
        return custom
      }
    }
  }

  const root = create(options ?? { kind: 'eventTime', early: null, late: null })
  return { root, slots, customs, shape: slots.map(({ shape }) => shape).join(', ') }
}
