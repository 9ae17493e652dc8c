import type { Json } from '@lightflus/api'
import type { ResolvedConnection } from '@lightflus/engine'
import { services } from '@lightflus/testing/services'

type Options = Readonly<Record<string, Json>>

const placeOf = (url: string) => {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

/** Where MySQL is, for a proxy before it. */
export const mysqlPlace = () => placeOf(services().mysqlUrl)

/** The connection to the real MySQL, with other options where they are given. */
export function mysqlConnection(options: Options = {}): ResolvedConnection {
  const { username, password, pathname } = new URL(services().mysqlUrl)
  const own = { ...mysqlPlace(), user: username, password, database: pathname.slice(1) }
  return { name: 'warehouse', kind: 'mysql', options: { ...own, ...options } }
}

/** Where Redis is, for a proxy before it. */
export const redisPlace = () => placeOf(services().redisUrl)

/** The connection to the real Redis, with other options where they are given. */
export const redisConnection = (options: Options = {}): ResolvedConnection => ({
  name: 'cache',
  kind: 'redis',
  options: { ...redisPlace(), ...options },
})
