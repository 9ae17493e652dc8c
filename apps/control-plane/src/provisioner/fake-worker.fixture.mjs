// Stands in for a worker where only its being placed and removed is tested. It tells the control plane of its start,
// of a signal, and of what a thread under the options for slots may do. A token that begins with `stubborn` makes it
// ignore the signal, one that begins with `frail` makes it end at once.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

async function can(act) {
  try {
    await act()
    return true
  } catch {
    return false
  }
}

async function powers({ own, files, url }) {
  const { port, hostname } = new URL(url)
  return {
    readsBundles: await can(() => readFileSync(`${own}/probe`)),
    writesBundles: await can(() => writeFileSync(`${own}/probe`, 'y')),
    writesFiles: await can(() => writeFileSync(`${files}/probe`, 'x')),
    readsPasswords: await can(() => readFileSync('/etc/passwd')),
    startsProcesses: await can(() => execFileSync('/bin/sh', ['-c', 'true'])),
    startsThreads: await can(() => new Worker('1', { eval: true, execArgv: [] })),
    connects: await can(async () => {
      const socket = connect(Number(port), hostname)
      await once(socket, 'connect')
      socket.destroy()
    }),
  }
}

async function main() {
  const { LIGHTFLUS_CONTROL_PLANE_URL: url, LIGHTFLUS_WORKER_ID: workerId, LIGHTFLUS_WORKER_TOKEN: token } = process.env
  const own = process.env.LIGHTFLUS_WORKER_DIR
  const life = crypto.randomUUID()
  const tell = (what, more = {}) =>
    fetch(url, { method: 'POST', body: JSON.stringify({ what, workerId, token, life, ...more }) }).catch(
      () => undefined,
    )
  process.on('SIGTERM', async () => {
    await tell('signal')
    if (!token.startsWith('stubborn')) process.exit(0)
  })
  setInterval(() => undefined, 1_000)
  writeFileSync(`${own}/probe`, 'x')
  const environment = Object.keys(process.env).toSorted()
  const execArgv = process.env.LIGHTFLUS_SLOT_NODE_OPTIONS
  let slot
  if (execArgv) {
    const thread = new Worker(new URL(import.meta.url), { execArgv: JSON.parse(execArgv), env: {} })
    thread.postMessage({ own, files: process.cwd(), url })
    ;[slot] = await once(thread, 'message')
  }
  await tell('started', { environment, slot })
  if (token.startsWith('frail')) process.exit(3)
}

if (isMainThread) await main()
else parentPort.once('message', async (places) => parentPort.postMessage(await powers(places)))
