// Stands in for a worker where only its being placed and removed is tested. It tells the control plane of its start,
// of a signal and of what it may do. A token that begins with `stubborn` makes it ignore the signal, one that begins
// with `frail` makes it end at once.
import { readFileSync, writeFileSync } from 'node:fs'

const { LIGHTFLUS_CONTROL_PLANE_URL: url, LIGHTFLUS_WORKER_ID: workerId, LIGHTFLUS_WORKER_TOKEN: token } = process.env
const own = process.env.LIGHTFLUS_WORKER_DIR
const life = crypto.randomUUID()

function tries(act) {
  try {
    act()
    return true
  } catch {
    return false
  }
}

const tell = (what, more = {}) =>
  fetch(url, { method: 'POST', body: JSON.stringify({ what, workerId, token, life, ...more }) }).catch(() => undefined)

process.on('SIGTERM', async () => {
  await tell('signal')
  if (!token.startsWith('stubborn')) process.exit(0)
})
setInterval(() => undefined, 1_000)
await tell('started', {
  environment: Object.keys(process.env).toSorted(),
  writesOwnFolder: tries(() => writeFileSync(`${own}/probe`, 'x')),
  writesElsewhere: tries(() => writeFileSync(new URL('./probe', import.meta.url), 'x')),
  readsPasswords: tries(() => readFileSync('/etc/passwd')),
})
if (token.startsWith('frail')) process.exit(3)
