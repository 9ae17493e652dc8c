import { z } from 'zod'

/** Names of jobs, connections and tenants: what fits a Kubernetes label and a path. */
export const resourceName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'lower-case letters, digits and hyphens; 63 at most; no hyphen at either end',
  )

export const identifier = z.uuid()
/** ISO 8601 in UTC. */
export const instant = z.iso.datetime()

/** RFC 9457 problem details, as every error answer of the API. `code` is stable; `nextStep` says what to do. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  nextStep: z.string(),
  /** Names the request in the server's log. */
  requestId: z.string(),
  /** All problems found, not just the first. */
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof problemSchema>

export const pageQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** A page of a list; `nextCursor` is null on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
