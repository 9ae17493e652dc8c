// A control plane that places one worker and then waits: the test kills it.
import { join } from 'node:path'
import type { WorkerSpec } from '../provisioner.ts'
import { ProcessProvisioner } from './process-provisioner.ts'

const folder = process.env.FOLDER!
const fixtures = join(import.meta.dirname, '..')
const provisioner = await ProcessProvisioner.open({
  folder: join(folder, 'workers'),
  program: {
    node: process.execPath,
    entry: join(fixtures, 'fake-worker.fixture.mjs'),
    codeFolders: [fixtures],
    filesFolder: join(folder, 'files'),
  },
})
await provisioner.ensureWorker(JSON.parse(process.env.SPEC!) as WorkerSpec)
setInterval(() => undefined, 1_000)
