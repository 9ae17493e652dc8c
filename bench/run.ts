/**
 * `npm run bench` measures whole runs, `npm run bench -- nexmark` Nexmark's queries in memory, `npm run bench -- kafka` the
 * same from a broker to a broker; each prints tables for bench/README.md. Arguments behind that go to the one that is named.
 */
const [what] = process.argv.slice(2)
if (what === 'nexmark' || what === 'kafka') {
  process.argv.splice(2, 1)
  await import(`./${what}/run.ts`)
} else {
  await import('./whole-runs.ts')
}
