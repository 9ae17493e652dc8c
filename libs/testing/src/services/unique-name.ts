import { randomBytes } from 'node:crypto'

/**
 * A name that no other test has: services are shared by all tests of a run, and outlive it when they are taken from
 * the environment. With the default separator it is valid as Kafka topic, SQL table or database, and Redis key; with
 * `'-'` as name of a job, a tenant or a Kubernetes object.
 */
export function uniqueName(prefix: string, separator: '_' | '-' = '_'): string {
  return `${prefix}${separator}${randomBytes(5).toString('hex')}`
}
