import { startKafka } from './kafka-server.ts'
import { startMariadb } from './mariadb-server.ts'
import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'
import type { RunningServer } from './server-process.ts'
import { type ServiceName, serviceVariables } from './service-addresses.ts'

const starters = {
  kafka: startKafka,
  redis: startRedis,
  mysql: startMariadb,
  postgres: startPostgres,
} as const satisfies Record<ServiceName, () => Promise<RunningServer>>

export interface StartedServices {
  /** Environment variable → address, of all services that were asked for. */
  readonly environment: Readonly<Record<string, string>>
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
 * environment is taken from there instead.
 * @throws AggregateError naming each that did not start, after the others were stopped.
 */
export async function startServices(options: StartServicesOptions = {}): Promise<StartedServices> {
  const names = options.names ?? (Object.keys(serviceVariables) as ServiceName[])
  const environment: Record<string, string> = {}
  const servers: RunningServer[] = []
  const results = await Promise.allSettled(
    names.map(async (name) => {
      const variable = serviceVariables[name]
      const given = process.env[variable]
      const server = given ? undefined : await starters[name]()
      if (server) servers.push(server)
      environment[variable] = given || server!.address
      options.onReady?.(name, environment[variable], given ? 'taken from the environment' : 'started')
    }),
  )
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())))
  const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason as Error)
  if (failures.length > 0) {
    await stop()
    throw new AggregateError(failures, failures.map((failure) => failure.message).join('\n'))
  }
  return { environment, stop }
}
