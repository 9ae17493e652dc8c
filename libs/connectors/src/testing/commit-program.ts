import { linkSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { Redis } from 'ioredis'
import mysql from 'mysql2'
import type { ResolvedConnection } from '@lightflus/engine'
import type { Json } from '@lightflus/api'
import { FilesSink } from '../files/files-sink.ts'
import { MysqlSink } from '../mysql/mysql-sink.ts'
import { RedisSink } from '../redis/redis-sink.ts'
import { runAttempt, type JobEntry, type JobLog } from './commit-job.ts'
import { sinkContext } from './test-context.ts'

/**
 * A process that runs an attempt of a job whose sink writes exactly once, and ends itself at a request to the server, or
 * at a call to the file system:
 * `node -C @lf/source commit-program.ts JSON`.
 */
export interface CommitProgram {
  readonly kind: 'mysql' | 'redis' | 'files'
  readonly folder: string
  readonly connection?: ResolvedConnection
  readonly options: { readonly [name: string]: Json }
  readonly parallelism: number
  readonly recordsTotal: number
  readonly recordsPerCheckpoint: number
  readonly end?: {
    /** Requests that come to their end. */
    readonly requests: number
    /** Then, before the next one is sent, before it is answered, or after that. */
    readonly when: 'before' | 'sent' | 'answered'
    readonly signal: 'SIGKILL' | 'SIGSTOP'
  }
}

/** Entries as files that only one process can make. */
export class FileLog implements JobLog {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  newest() {
    const numbers = readdirSync(this.#folder).filter((name) => /^\d+$/.test(name))
    if (numbers.length === 0) return undefined
    const number = Math.max(...numbers.map(Number))
    return { number, entry: deserialize(readFileSync(join(this.#folder, String(number)))) as JobEntry }
  }

  append(number: number, entry: JobEntry): void {
    const beside = join(this.#folder, `beside-${process.pid}`)
    writeFileSync(beside, serialize(entry))
    try {
      linkSync(beside, join(this.#folder, String(number)))
    } finally {
      unlinkSync(beside)
    }
  }
}

/** Ends the process at the request that it is told. */
async function endAt({ requests, when, signal }: NonNullable<CommitProgram['end']>): Promise<void> {
  let left = requests
  const end = () => process.kill(process.pid, signal)
  type Request = (...args: unknown[]) => unknown
  const counting = (request: Request): Request =>
    function (this: unknown, ...args) {
      if (left-- !== 0) return request.apply(this, args)
      if (when === 'before') end()
      const answered = request.apply(this, args)
      if (when === 'sent') end()
      // Both clients tell of the answer by a callback, or a promise.
      if (when === 'answered' && answered instanceof Promise) void answered.then(end, end)
      else if (when === 'answered') {
        const { promise } = args[0] as { readonly promise?: Promise<unknown> }
        if (promise) void promise.then(end, end)
        else (answered as { once(event: string, then: () => void): void }).once('end', end)
      }
      return answered
    }
  const connection = (mysql as unknown as { Connection: { prototype: { query: Request } } }).Connection.prototype
  connection.query = counting(connection.query)
  const redis = Redis.prototype as unknown as { sendCommand: Request }
  redis.sendCommand = counting(redis.sendCommand)
  const handle = await fs.open(process.execPath)
  const handles = Object.getPrototypeOf(handle) as { [method in 'appendFile' | 'datasync' | 'sync']: Request }
  await handle.close()
  for (const method of ['appendFile', 'datasync', 'sync'] as const) handles[method] = counting(handles[method])
  const calls = fs as unknown as { [name: string]: Request }
  for (const name of ['open', 'rename', 'mkdir', 'readdir', 'unlink', 'rmdir']) calls[name] = counting(calls[name]!)
  syncBuiltinESMExports()
}

const functions = {
  mysql: { row: (n: number) => ({ n }) },
  redis: { key: (n: number) => `list:${n % 10}`, value: (n: number) => n },
  files: { folder: (n: number) => (n % 3 === 0 ? '' : `of=${n % 3}`) },
}

if (import.meta.main) {
  const program = JSON.parse(process.argv[2]!) as CommitProgram
  const { kind, folder, connection, options, end } = program
  if (end) await endAt(end)
  await runAttempt({
    ...program,
    log: new FileLog(folder),
    recordOf: (index) => index,
    createWriter: (index, checkpoints) => {
      const subtask = { index, parallelism: program.parallelism }
      const { key, ...rest } = { key: undefined, ...functions[kind] }
      const prefix = typeof options['prefix'] === 'string' ? options['prefix'] : ''
      const own = key ? { ...rest, key: (n: number) => prefix + key(n) } : functions[kind]
      const context = sinkContext({
        ...{ options, subtask, checkpoints, functions: own },
        ...(connection && { connection }),
      })
      if (kind === 'files') return new FilesSink(context)
      return kind === 'mysql' ? new MysqlSink(context) : new RedisSink(context)
    },
  })
}
