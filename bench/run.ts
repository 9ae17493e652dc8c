/**
 * `npm run bench` measures whole runs, `npm run bench -- nexmark` Nexmark's queries in memory, `npm run bench -- kafka` the
 * same from a broker to a broker, `npm run bench -- latency` how old a result is there,
 * `npm run bench -- checkpoints` what a checkpoint costs an operator with many keys,
 * `npm run bench -- state-backend` what states of functions cost in memory and on disk,
 * `npm run bench -- files` the same from a file to a file beside DuckDB, and from Parquet beside Spark; each prints tables for bench/README.md. Arguments behind that go to the one that is named.
 */
const [what] = process.argv.slice(2)
const programs = new Map([
  ['nexmark', './nexmark/run.ts'],
  ['kafka', './kafka/run.ts'],
  ['latency', './kafka/latency.ts'],
  ['files', './files/run.ts'],
  ['checkpoints', './checkpoints.ts'],
  ['state-backend', './state-backend.ts'],
])
const program = what === undefined ? undefined : programs.get(what)
if (program !== undefined) {
  process.argv.splice(2, 1)
  await import(program)
} else {
  await import('./whole-runs.ts')
}
