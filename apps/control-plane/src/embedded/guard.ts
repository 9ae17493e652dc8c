import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Ends the platform's parts when the platform's own process was killed and can end nothing any more. It is a shell (1 MB)
 * that reads process ids, a line of them whenever they change, and acts when its input ends: the first ones are asked
 * to end, and when they have, or after ten seconds, the last.
 */
export class Guard {
  readonly #shell: ChildProcess

  constructor() {
    this.#shell = spawn('/bin/sh', ['-c', script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: {},
    })
    this.#shell.stdin!.on('error', () => undefined)
    this.#shell.on('error', () => undefined)
    this.#shell.unref()
  }

  /** What to end, from now on: `first` by SIGTERM, `last` (Postgres) by SIGINT; null where it does not run. */
  watch(first: number | null, last: number | null): void {
    this.#shell.stdin!.write(`${first ?? 0} ${last ?? 0}\n`)
  }

  /** Lets the guard go without its ending anything. */
  dismiss(): void {
    this.#shell.stdin!.end('0 0\n')
  }
}

const script = `
first=0 last=0
while read -r first_now last_now; do first=$first_now last=$last_now; done
if [ "$first" != 0 ]; then
  kill -TERM "$first" 2>/dev/null
  tries=0
  while [ $tries -lt 100 ] && kill -0 "$first" 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
fi
[ "$last" != 0 ] && kill -INT "$last" 2>/dev/null
`
