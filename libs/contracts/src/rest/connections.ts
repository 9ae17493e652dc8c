import { z } from 'zod'
import { instant, resourceName } from './common.ts'

const tls = z.union([
  z.boolean(),
  z.object({
    ca: z.string().optional(),
    cert: z.string().optional(),
    key: z.string().optional(),
    rejectUnauthorized: z.boolean().optional(),
  }),
])

/** What a connection of each kind holds. Fields marked secret are stored encrypted and never returned. */
export const connectionOptions = {
  kafka: z.strictObject({
    brokers: z.array(z.string().regex(/^[^\s:]+:\d+$/, 'host:port')).min(1),
    tls: tls.optional(),
    sasl: z
      .strictObject({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: z.string(),
        password: z.string(),
      })
      .optional(),
  }),
  mysql: z.strictObject({
    host: z.string(),
    port: z.number().int().default(3306),
    user: z.string(),
    password: z.string().default(''),
    database: z.string(),
    tls: tls.optional(),
  }),
  redis: z.strictObject({
    host: z.string(),
    port: z.number().int().default(6379),
    username: z.string().optional(),
    password: z.string().optional(),
    database: z.number().int().default(0),
    tls: tls.optional(),
  }),
} as const
export const connectionKinds = ['kafka', 'mysql', 'redis'] as const
export type ConnectionKind = (typeof connectionKinds)[number]

/** Paths of the secret fields of each kind. */
export const connectionSecrets = {
  kafka: ['sasl.password', 'tls.key'],
  mysql: ['password', 'tls.key'],
  redis: ['password', 'tls.key'],
} as const satisfies Record<ConnectionKind, readonly string[]>

export const putConnectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('kafka'), options: connectionOptions.kafka }),
  z.strictObject({ kind: z.literal('mysql'), options: connectionOptions.mysql }),
  z.strictObject({ kind: z.literal('redis'), options: connectionOptions.redis }),
])

/** A connection as it is shown: secret fields are left out. */
export const connectionSchema = z.object({
  name: resourceName,
  kind: z.enum(connectionKinds),
  options: z.record(z.string(), z.any()),
  createdAt: instant,
  updatedAt: instant,
})
export type ConnectionView = z.infer<typeof connectionSchema>

export const connectionTestSchema = z.object({
  ok: z.boolean(),
  summary: z.string(),
  code: z.string().nullable(),
  nextStep: z.string().nullable(),
})
