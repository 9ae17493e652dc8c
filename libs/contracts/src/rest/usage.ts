import { z } from 'zod'
import { instant, resourceName } from './common.ts'

export const usageQuery = z.object({ from: instant.optional(), to: instant.optional(), job: resourceName.optional() })
/** Metered use of one job in one hour (UTC). */
export const usageHourSchema = z.object({
  job: resourceName,
  hour: instant,
  slotSeconds: z.number(),
  recordsIn: z.number(),
  recordsOut: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
})
export const usageSchema = z.object({
  hours: z.array(usageHourSchema),
  total: usageHourSchema.omit({ job: true, hour: true }),
})
export type Usage = z.infer<typeof usageSchema>
