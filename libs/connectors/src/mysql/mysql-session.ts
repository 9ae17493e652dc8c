import { connect, type Socket } from 'node:net'
import type { Connection, QueryOptions, RowDataPacket } from 'mysql2/promise'
import { connectTimeoutMs, type Peer } from '../connection-errors.ts'
import { Session } from '../session.ts'
import { mayPass, mysqlError } from './mysql-errors.ts'
import type { MysqlOptions } from './mysql-options.ts'

/** How long a statement may take, milliseconds: more than a row's lock is waited for. */
const statementTimeoutMs = 60_000

export interface MysqlClient {
  readonly connection: Connection
  /** Destroyed with an error it fails what is under way; the connection's own `destroy` leaves that waiting for ever. */
  readonly socket: Socket
}

/**
 * Of connections that hold locks. A process that is stopped or cut off in mid-transaction keeps them until the server ends
 * its connection, so that comes before those who wait for the locks give up. In seconds.
 */
const transactionTimeouts = { wait_timeout: 15, innodb_lock_wait_timeout: 20 }

/** Connections whose sessions are alike on every server: strict, in UTC, and with backslashes that escape. */
async function openClient(options: MysqlOptions, holdsLocks: boolean): Promise<MysqlClient> {
  const { createConnection } = await import('mysql2/promise')
  const { host, port, user, password, database, tls } = options
  const socket = connect({ host, port, keepAlive: true, noDelay: true })
  const connection = await createConnection({
    ...{ host, user, password, database },
    stream: () => socket,
    ...(tls ? { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized !== false } as Record<string, unknown> } : {}),
    charset: 'utf8mb4',
    timezone: 'Z',
    connectTimeout: connectTimeoutMs,
  }).catch((thrown: unknown) => {
    socket.destroy()
    throw thrown
  })
  // Without a listener the loss of an idle connection would end the process; the socket's state tells of it.
  connection.on('error', () => undefined)
  const client = { connection, socket }
  await run(client, "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'")
  await run(client, "SET SESSION time_zone = '+00:00'")
  if (holdsLocks)
    for (const [name, seconds] of Object.entries(transactionTimeouts))
      await run(client, `SET SESSION ${name} = ${seconds}`)
  return client
}

const failSocket = (socket: Socket, code: 'ECONNRESET' | 'ETIMEDOUT', message: string): Socket =>
  socket.destroy(Object.assign(new Error(message), { code }))

/**
 * @param table the one that all work is on, for messages
 * @param holdsLocks whether several statements make a transaction
 */
export function mysqlSession(
  options: MysqlOptions,
  peer: Peer,
  signal: AbortSignal,
  { table, holdsLocks = false }: { readonly table?: string; readonly holdsLocks?: boolean } = {},
): Session<MysqlClient> {
  return new Session({
    peer,
    signal,
    open: () => openClient(options, holdsLocks),
    isOpen: ({ socket }) => !socket.destroyed && socket.writable,
    destroy: ({ socket }) => failSocket(socket, 'ECONNRESET', 'connection closed'),
    mayPass,
    translate: (thrown) => mysqlError(thrown, peer, options.user, table),
  })
}

/** Runs a statement; one that takes too long fails with its connection. */
export async function run(
  { connection, socket }: MysqlClient,
  sql: string | QueryOptions,
  values: readonly unknown[] = [],
) {
  const timer = setTimeout(
    () => failSocket(socket, 'ETIMEDOUT', `no answer within ${statementTimeoutMs / 1_000} s`),
    statementTimeoutMs,
  )
  try {
    const query = typeof sql === 'string' ? { sql } : sql
    return await connection.query<RowDataPacket[]>({ ...query, values: [...values] })
  } finally {
    clearTimeout(timer)
  }
}

/** The rows of a query. */
export async function rowsOf(
  client: MysqlClient,
  sql: string,
  values: readonly unknown[] = [],
): Promise<RowDataPacket[]> {
  const [rows] = await run(client, sql, values)
  return rows
}

/** The rows of a query, each as the list of its columns; whole numbers that a number cannot hold exactly are texts. */
export async function columnListsOf(client: MysqlClient, sql: string): Promise<readonly (readonly unknown[])[]> {
  const [rows] = await run(client, { sql, rowsAsArray: true, supportBigNumbers: true })
  return rows as unknown as readonly (readonly unknown[])[]
}
