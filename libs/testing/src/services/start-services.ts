import { startKafka } from './kafka-server.ts'
import { startMariadb } from './mariadb-server.ts'
import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'
import { startS3 } from './s3-server.ts'
import type { RunningServer } from './server-process.ts'
import { type ServiceName, serviceVariables } from './service-addresses.ts'

const starters = {
  kafka: () => startKafka(),
  redis: () => startRedis(),
  mysql: () => startMariadb(),
  postgres: startPostgres,
  s3: () => startS3(),
} as const satisfies Record<ServiceName, () => Promise<RunningServer>>

export interface StartedServices {
  /** Environment variable → address, of all services that are ready. */
  readonly environment: Readonly<Record<string, string>>
  /** Those that did not start, and why. */
  readonly failures: Readonly<Partial<Record<ServiceName, string>>>
  /** Ends what was started; leaves alone what the environment named. */
  stop(): Promise<void>
}

export interface StartServicesOptions {
  /** Which ones. Default: all. */
  readonly names?: readonly ServiceName[]
  /** Told once per service, when it is ready. */
  readonly onReady?: (name: ServiceName, address: string, how: 'started' | 'taken from the environment') => void
}

/**
 * Starts services side by side, each on a free port with its own temporary folder; one whose variable is set in the
 * environment is taken from there instead. Never throws: what did not start is in `failures`.
 */
export async function startServices(options: StartServicesOptions = {}): Promise<StartedServices> {
  const names = options.names ?? (Object.keys(serviceVariables) as ServiceName[])
  const environment: Record<string, string> = {}
  const failures: Partial<Record<ServiceName, string>> = {}
  const servers: RunningServer[] = []
  const start = async (name: ServiceName) => {
    const variable = serviceVariables[name]
    const given = process.env[variable]
    if (given) {
      environment[variable] = given
      options.onReady?.(name, given, 'taken from the environment')
      return
    }
    const server = await starters[name]()
    servers.push(server)
    environment[variable] = server.address
    options.onReady?.(name, server.address, 'started')
  }
  await Promise.all(
    names.map((name) =>
      start(name).catch((thrown: unknown) => {
        failures[name] = thrown instanceof Error ? thrown.message : String(thrown)
      }),
    ),
  )
  return { environment, failures, stop: async () => void (await Promise.all(servers.map((server) => server.stop()))) }
}
