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

const byPassword = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
  username: z.string(),
  password: z.string(),
})

/** An access token that is stated, or the token endpoint that gives them. */
const byToken = z
  .strictObject({
    mechanism: z.literal('oauthbearer'),
    token: z.string().min(1).optional(),
    // The secret goes there: unencrypted it may not leave the machine.
    tokenUrl: z
      .string()
      .regex(/^(https:\/\/|http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/])[^\s@]+$/, 'https://…')
      .optional(),
    clientId: z.string().min(1).optional(),
    clientSecret: z.string().min(1).optional(),
    scope: z.string().optional(),
    extensions: z.record(z.string().regex(/^[A-Za-z]+$/), z.string()).optional(),
  })
  .superRefine(({ token, tokenUrl, clientId, clientSecret, scope }, { addIssue }) => {
    const problem = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message })
    if (token !== undefined) {
      for (const [name, value] of Object.entries({ tokenUrl, clientId, clientSecret, scope }))
        if (value !== undefined) problem(name, 'not beside a token')
      return
    }
    for (const [name, value] of Object.entries({ tokenUrl, clientId, clientSecret }))
      if (value === undefined) problem(name, 'needed, unless a token is given')
  })

/** What a connection of each kind holds. Fields marked secret are stored encrypted and never returned. */
export const connectionOptions = {
  http: z.strictObject({
    // What stands before the host would be shown: passwords belong in the headers.
    url: z.string().regex(/^https?:\/\/[^\s@/?#]+([/?][^\s#]*)?$/, 'https://…'),
    headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/), z.string()).optional(),
    tls: tls.optional(),
  }),
  kafka: z.strictObject({
    brokers: z.array(z.string().regex(/^[^\s:]+:\d+$/, 'host:port')).min(1),
    tls: tls.optional(),
    sasl: z.discriminatedUnion('mechanism', [byPassword, byToken]).optional(),
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
export const connectionKinds = ['kafka', 'mysql', 'redis', 'http'] as const
export type ConnectionKind = (typeof connectionKinds)[number]

/** Paths of the secret fields of each kind. */
export const connectionSecrets = {
  http: ['headers', 'tls.key'],
  kafka: ['sasl.password', 'sasl.token', 'sasl.clientSecret', 'tls.key'],
  mysql: ['password', 'tls.key'],
  redis: ['password', 'tls.key'],
} as const satisfies Record<ConnectionKind, readonly string[]>

export const putConnectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('http'), options: connectionOptions.http }),
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
