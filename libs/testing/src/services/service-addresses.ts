/** The outside systems that tests may need, and the environment variable that holds the address of each. */
export const serviceVariables = {
  kafka: 'KAFKA_BOOTSTRAP',
  redis: 'REDIS_URL',
  mysql: 'MYSQL_URL',
  postgres: 'DATABASE_URL',
  s3: 'S3_ENDPOINT',
} as const

export type ServiceName = keyof typeof serviceVariables

/** Variable that tells tests which services cannot run on this machine: JSON, service → reason. */
export const unavailableVariable = 'LIGHTFLUS_TESTS_UNAVAILABLE'

/** Addresses of the real services that the tests of this run share. Each is read when it is asked for. */
export interface Services {
  /** `host:port` of a Kafka broker. Topics are not created by naming them. */
  readonly kafkaBootstrap: string
  /** `redis://…` */
  readonly redisUrl: string
  /** `mysql://user:password@host:port/database`, of a user who may create databases and users. */
  readonly mysqlUrl: string
  /** `postgresql://user:password@host:port/database`, of a user who may create databases and roles. */
  readonly databaseUrl: string
  /** `http://accessKeyId:secretAccessKey@host:port`, of a user who may create buckets. */
  readonly s3Endpoint: string
}

/**
 * The services that `npm test` started, or that the environment names. They are shared: use names made by
 * {@link uniqueName}.
 * @throws Error, on reading an address that is not set, that names the command which sets it.
 */
export function services(): Services {
  return {
    get kafkaBootstrap() {
      return addressOf('kafka')
    },
    get redisUrl() {
      return addressOf('redis')
    },
    get mysqlUrl() {
      return addressOf('mysql')
    },
    get databaseUrl() {
      return addressOf('postgres')
    },
    get s3Endpoint() {
      return addressOf('s3')
    },
  }
}

function addressOf(service: ServiceName): string {
  const variable = serviceVariables[service]
  const address = process.env[variable]
  if (address) return address
  const reason = whyUnavailable(service)
  throw new Error(
    reason
      ? `${service} is not available: ${reason}. Set ${variable} to use one of your own.`
      : `${variable} is not set. Run this test by \`npm test -- <path>\` from the repository's root, which starts ` +
          `what it needs, or keep \`node libs/testing/src/services/main.ts up --env FILE\` running and load FILE.`,
  )
}

/** Why a service cannot run here, or undefined if it can. A test that needs it is then skipped, see {@link needs}. */
export function whyUnavailable(service: ServiceName | 'browser'): string | undefined {
  const reasons = JSON.parse(process.env[unavailableVariable] ?? '{}') as Partial<Record<string, string>>
  return reasons[service]
}

/**
 * `describe`, or `describe.skip` when one of these cannot run on this machine: `needs('kafka', 'redis')('word count', …)`.
 * With `CI=true` nothing is skipped, so that there a machine on which something is missing fails.
 */
export function needs(...names: (ServiceName | 'browser')[]): jest.Describe {
  const missing = names.some((name) => whyUnavailable(name) !== undefined)
  return missing && process.env.CI !== 'true' ? describe.skip : describe
}
