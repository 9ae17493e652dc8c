import { z } from 'zod'
import { identifier, instant, resourceName } from './common.ts'

export const roles = ['owner', 'admin', 'developer', 'viewer'] as const
export const roleSchema = z.enum(roles)
export type Role = z.infer<typeof roleSchema>

/** Whether a role may do what needs another: each may do all that the ones after it in {@link roles} may. */
export function roleAllows(role: Role, needed: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(needed)
}

export const signInSchema = z.object({
  email: z.email(),
  password: z.string().min(1).max(1_024),
  tenant: resourceName.optional(),
})
/** Access tokens live minutes, refresh tokens weeks; a refresh token works once and brings the next. */
export const sessionSchema = z.object({
  accessToken: z.string(),
  /** Null for a browser, which holds it as an HttpOnly cookie that no script can read. */
  refreshToken: z.string().nullable(),
  expiresAt: instant,
  tenant: z.object({ id: identifier, name: resourceName, role: roleSchema }),
  user: z.object({ id: identifier, email: z.email() }),
})
export type Session = z.infer<typeof sessionSchema>
/** Absent in the console, whose refresh token is an HttpOnly cookie. */
export const refreshSchema = z.object({ refreshToken: z.string().optional() })

export const principalSchema = z.object({
  kind: z.enum(['user', 'api-key']),
  email: z.email().nullable(),
  tenant: z.object({ id: identifier, name: resourceName }),
  role: roleSchema,
})
export type Principal = z.infer<typeof principalSchema>

export const apiKeySchema = z.object({
  id: identifier,
  name: z.string().min(1).max(100),
  /** First characters, to recognise it by. */
  prefix: z.string(),
  role: roleSchema,
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
})
export const createApiKeySchema = z.object({
  name: z.string().min(1).max(100),
  role: roleSchema.exclude(['owner']).default('developer'),
  expiresInDays: z.number().int().min(1).max(3_650).nullable().default(90),
})
/** `key` is shown this once. */
export const createdApiKeySchema = apiKeySchema.extend({ key: z.string() })
