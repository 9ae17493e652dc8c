import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { probe } from './server-process.ts'
import { needs } from './service-addresses.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

const program = join(import.meta.dirname, 'main.ts')

const pongs = (port: number) =>
  probe(port, (answer) => answer.toString().startsWith('+PONG') || undefined, Buffer.from('PING\r\n'))

needs('redis')('the program that starts services', () => {
  // Goal: all that a run starts is gone after it, whether it was asked to end or killed.
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'starts what the environment does not name and ends it on %s',
    async (signal) => {
      await using folder = temporaryFolder('services')
      const file = join(folder.path, 'env')
      const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: folder.path }
      Object.assign(env, { KAFKA_BOOTSTRAP: 'kafka:1', MYSQL_URL: 'mysql://m', DATABASE_URL: 'postgresql://d' })
      env.S3_ENDPOINT = 'http://e'
      delete env.REDIS_URL
      const child = spawn(process.execPath, [program, 'up', '--env', file], { env, stdio: 'ignore' })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      try {
        await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), { what: 'the addresses' })
        const text = readFileSync(file, 'utf8')
        expect(text).toContain('KAFKA_BOOTSTRAP=kafka:1\n')
        const port = Number(/REDIS_URL=redis:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1])
        expect(await pongs(port)).toBe(true)
        child.kill(signal)
        await ended
        await until(async () => !(await pongs(port)), { what: 'Redis to end' })
        if (signal === 'SIGTERM') expect(readdirSync(folder.path)).toEqual([])
      } finally {
        child.kill('SIGKILL')
      }
    },
  )
})
