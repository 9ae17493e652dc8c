import { LightflusError } from '@lightflus/api'
import { connectionOptions } from '@lightflus/contracts'
import { parseStorageLocation } from '@lightflus/storage'
import { z } from 'zod'
import type { ResolvedConnection } from '../connections/connection-secrets.ts'
import {
  type KubernetesConfig,
  kubernetesConfig,
  kubernetesProblems,
  kubernetesVariables,
} from './kubernetes-config.ts'

const text = z.string().min(1)
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const address = (protocols: RegExp) => z.url({ protocol: protocols })

function isStorageLocation(place: string): boolean {
  try {
    parseStorageLocation(place)
    return true
  } catch {
    return false
  }
}

/** What is not JSON is a list of brokers; a broken one is none, so that the message does not repeat a password. */
function kafkaOf(value: string): unknown {
  if (!value.startsWith('{')) return { brokers: value.split(',').map((broker) => broker.trim()) }
  try {
    return JSON.parse(value) as unknown
  } catch {
    return {}
  }
}

/**
 * The environment of a control plane. Empty variables count as absent. The table in docs/reference/control-plane.md is
 * made from the descriptions here.
 */
export const environmentSchema = z.object({
  DATABASE_URL: address(/^postgres(ql)?$/).describe(
    'Postgres 14 or newer. Its user must be a member of lightflus_app and lightflus_platform (the migrations make both); it need not own anything.',
  ),
  DATABASE_CONNECTIONS_MAX: count(2, 100).default(10).describe('Connections to Postgres that this process may hold.'),
  REDIS_URL: address(/^rediss?$/)
    .optional()
    .describe('Redis 6.2 or newer for wake-ups between several control planes. Without it they stay in this process.'),
  HOST: text.default('127.0.0.1').describe('Address to listen on.'),
  PORT: count(0, 65_535).default(4400).describe('Port to listen on; 0 takes a free one.'),
  LIGHTFLUS_PUBLIC_URL: address(/^https?$/)
    .optional()
    .describe('Where workers reach this platform. Default: http://HOST:PORT.'),
  LIGHTFLUS_MODE: z
    .enum(['hosted', 'embedded'])
    .default('hosted')
    .describe(
      'embedded: one machine, whose users are trusted: connections may point to internal addresses, the cookie is sent without TLS, the key may lie in the data folder.',
    ),
  LIGHTFLUS_DATA_DIR: text.optional().describe('Folder of this platform’s files; needed when embedded.'),
  LIGHTFLUS_ENCRYPTION_KEY: z
    .base64()
    .refine(
      (key) => Buffer.from(key, 'base64').length === 32,
      '32 bytes in base64, as `openssl rand -base64 32` makes them',
    )
    .optional()
    .describe(
      'Key of everything secret: stored secrets, access tokens, worker tokens. Needed when hosted; embedded, it is made once and kept in LIGHTFLUS_DATA_DIR/encryption.key.',
    ),
  LIGHTFLUS_PROVISIONER: z.enum(['process', 'kubernetes']).default('process').describe('Where workers run.'),
  LIGHTFLUS_CHECKPOINTS: text
    .refine(isStorageLocation, 'a folder, or s3://bucket/prefix with ?region=, endpoint= and path-style=')
    .optional()
    .describe(
      'Where all jobs’ checkpoints lie: a folder, as workers see it, or s3://bucket/prefix. Default: LIGHTFLUS_DATA_DIR/checkpoints.',
    ),
  LIGHTFLUS_EXCHANGE_KAFKA: text
    .transform(kafkaOf)
    .pipe(connectionOptions.kafka)
    .optional()
    .describe(
      'Kafka through which the workers of a deployment exchange records where it has several: `host:port,…`, or the options of a kafka connection in JSON, with `brokers`, `tls` and `sasl`. Without it such a deployment names a connection of its tenant.',
    ),
  LIGHTFLUS_SLOT_HEAP_MIB: count(32, 65_536).default(256).describe('Heap limit of one slot, MiB.'),
  LIGHTFLUS_CONSOLE_DIR: text
    .optional()
    .describe('Folder of the built console. Default: the one of this installation.'),
  LIGHTFLUS_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged.'),
  LIGHTFLUS_TRUSTED_PROXIES: count(0, 10)
    .default(0)
    .describe('Proxies in front, whose X-Forwarded-For and X-Forwarded-Proto are believed.'),
  LIGHTFLUS_DEMO: z
    .stringbool()
    .default(false)
    .describe(
      'true: the first start makes a demo tenant with an example job, and demo.json in LIGHTFLUS_DATA_DIR names its account.',
    ),
  LIGHTFLUS_METRICS_TOKEN: text
    .optional()
    .describe('Bearer token that /metrics asks for. Without it /metrics answers anyone who reaches the port.'),
  ...kubernetesVariables,
})

export interface Config {
  readonly databaseUrl: string
  readonly databaseConnectionsMax: number
  readonly redisUrl: string | null
  readonly host: string
  readonly port: number
  /** Where workers reach the platform; null: at host and port, known once it listens. */
  readonly publicUrl: string | null
  readonly embedded: boolean
  readonly dataDir: string | null
  /** Base64; null: it lies in dataDir. */
  readonly encryptionKey: string | null
  readonly provisioner: 'process' | 'kubernetes'
  /** Null unless workers are placed in a cluster. */
  readonly kubernetes: KubernetesConfig | null
  /** A folder, or s3://bucket/prefix. */
  readonly checkpoints: string
  /** The platform's own Kafka for the exchange between the workers of a deployment; null: there is none. */
  readonly exchange: ResolvedConnection | null
  readonly slotHeapBytesMax: number
  readonly consoleDir: string | null
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly trustedProxies: number
  readonly demo: boolean
  readonly metricsToken: string | null
}

/**
 * Reads the control plane's configuration.
 * @throws LF_CONFIG_INVALID, which lists every variable that is wrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = environmentSchema.safeParse(given)
  const problems = parsed.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? []
  const values = parsed.data
  if (values) {
    if (values.LIGHTFLUS_MODE === 'embedded' && !values.LIGHTFLUS_DATA_DIR)
      problems.push('LIGHTFLUS_DATA_DIR: needed when LIGHTFLUS_MODE is embedded')
    if (values.LIGHTFLUS_MODE === 'hosted' && !values.LIGHTFLUS_ENCRYPTION_KEY)
      problems.push(
        'LIGHTFLUS_ENCRYPTION_KEY: needed when LIGHTFLUS_MODE is hosted; `openssl rand -base64 32` makes one',
      )
    if (values.LIGHTFLUS_DEMO && !values.LIGHTFLUS_DATA_DIR)
      problems.push('LIGHTFLUS_DATA_DIR: needed when LIGHTFLUS_DEMO is true')
    if (!values.LIGHTFLUS_CHECKPOINTS && !values.LIGHTFLUS_DATA_DIR)
      problems.push('LIGHTFLUS_CHECKPOINTS: needed without LIGHTFLUS_DATA_DIR')
    if (values.LIGHTFLUS_PROVISIONER === 'kubernetes') problems.push(...kubernetesProblems(values))
  }
  if (!values || problems.length > 0)
    throw new LightflusError(
      'LF_CONFIG_INVALID',
      `The environment is wrong:\n${problems.map((each) => `  ${each}`).join('\n')}`,
    )
  return {
    databaseUrl: values.DATABASE_URL,
    databaseConnectionsMax: values.DATABASE_CONNECTIONS_MAX,
    redisUrl: values.REDIS_URL ?? null,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.LIGHTFLUS_PUBLIC_URL?.replace(/\/$/, '') ?? null,
    embedded: values.LIGHTFLUS_MODE === 'embedded',
    dataDir: values.LIGHTFLUS_DATA_DIR ?? null,
    encryptionKey: values.LIGHTFLUS_ENCRYPTION_KEY ?? null,
    provisioner: values.LIGHTFLUS_PROVISIONER,
    kubernetes: values.LIGHTFLUS_PROVISIONER === 'kubernetes' ? kubernetesConfig(values) : null,
    checkpoints: values.LIGHTFLUS_CHECKPOINTS ?? `${values.LIGHTFLUS_DATA_DIR}/checkpoints`,
    exchange: values.LIGHTFLUS_EXCHANGE_KAFKA
      ? { name: 'platform', kind: 'kafka', options: values.LIGHTFLUS_EXCHANGE_KAFKA }
      : null,
    slotHeapBytesMax: values.LIGHTFLUS_SLOT_HEAP_MIB * 1_048_576,
    consoleDir: values.LIGHTFLUS_CONSOLE_DIR ?? null,
    logLevel: values.LIGHTFLUS_LOG_LEVEL,
    trustedProxies: values.LIGHTFLUS_TRUSTED_PROXIES,
    demo: values.LIGHTFLUS_DEMO,
    metricsToken: values.LIGHTFLUS_METRICS_TOKEN ?? null,
  }
}
