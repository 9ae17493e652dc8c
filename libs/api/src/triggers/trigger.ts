import { all } from './all.ts'
import { any } from './any.ts'
import { count } from './count.ts'
import { custom } from './custom.ts'
import { eventTime } from './event-time.ts'
import { every } from './every.ts'
import { processingTime } from './processing-time.ts'
import { purging } from './purging.ts'
import { sequence } from './sequence.ts'

/**
 * When windows emit. What is left over when a window is closed comes out then, whatever the trigger: no record is lost.
 * In a job of bounded sources only, windows emit once, when they are closed.
 */
export const trigger = { eventTime, processingTime, count, every, any, all, sequence, purging, custom }
