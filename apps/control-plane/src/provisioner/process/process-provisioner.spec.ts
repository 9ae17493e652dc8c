import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder, until } from '@lightflus/testing/services'
import { describeProvisioner, Ears, type ProvisionerPlace } from '../provisioner.contract.ts'
import type { WorkerSpec } from '../provisioner.ts'
import { isRunning, signalProcess } from './process-identity.ts'
import { ProcessProvisioner } from './process-provisioner.ts'
import type { WorkerProgram } from './worker-command.ts'
import { WorkerFolders } from './worker-record.ts'

const fixtures = join(import.meta.dirname, '..')

function programIn(folder: TemporaryFolder): WorkerProgram {
  return {
    node: process.execPath,
    entry: join(fixtures, 'fake-worker.fixture.mjs'),
    codeFolders: [fixtures],
    filesFolder: join(folder.path, 'files'),
  }
}

function openIn(folder: TemporaryFolder): Promise<ProcessProvisioner> {
  return ProcessProvisioner.open({
    folder: join(folder.path, 'workers'),
    program: programIn(folder),
  })
}

async function processOf(folder: TemporaryFolder, { workerId }: { readonly workerId: string }) {
  return (await new WorkerFolders(join(folder.path, 'workers')).read(workerId))!.process!
}

describeProvisioner('process', async (): Promise<ProvisionerPlace> => {
  const folder = temporaryFolder('provisioner')
  return {
    open: () => openIn(folder),
    kill: async (spec) => void (await signalProcess(await processOf(folder, spec), 'SIGKILL')),
    checkpointLocations: [join(folder.path, 'checkpoints', 'tenant', 'job')],
    close: () => folder.remove(),
  }
})

describe('a worker as a process of this machine', () => {
  const ears = new Ears()
  const folder = temporaryFolder('provisioner')
  const children: ChildProcess[] = []
  let count = 0
  const newSpec = (token: string): WorkerSpec => ({
    workerId: `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
    tenantId: '11111111-1111-4111-8111-111111111111',
    tenantName: 'demo',
    placement: 'shared',
    token,
    controlPlaneUrl: ears.url,
    slots: 1,
    slotHeapBytesMax: 64 * 1024 * 1024,
    checkpointLocations: [join(folder.path, 'checkpoints', 'tenant', 'job')],
  })
  const started = (spec: WorkerSpec, times = 1) =>
    until(() => ears.starts(spec).length >= times, { what: `start ${times} of the worker` })

  beforeAll(() => ears.open())
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    const provisioner = await openIn(folder)
    for (const { workerId, tenantId } of await provisioner.observe()) {
      await provisioner.removeWorker({ workerId, tenantId, tenantName: 'demo' })
    }
    await provisioner.close()
    ears.close()
    await folder.remove()
  })

  it('gets an environment of its own, and its slots may do no more than jobs need', async () => {
    const provisioner = await openIn(folder)
    const spec = newSpec('plain')
    await provisioner.ensureWorker(spec)
    await started(spec)
    const [tale] = ears.starts(spec)
    expect(tale!.slot).toEqual({
      readsBundles: true,
      writesBundles: false,
      writesFiles: true,
      readsPasswords: false,
      startsProcesses: false,
      startsThreads: false,
      connects: true,
    })
    const own = [
      'HOME',
      'MALLOC_ARENA_MAX',
      'NODE_ENV',
      'PWD',
      'TMPDIR',
      ...['CONTROL_PLANE_URL', 'SLOT_NODE_OPTIONS', 'WORKER_DIR', 'WORKER_ID', 'WORKER_TOKEN'].map(
        (n) => `LIGHTFLUS_${n}`,
      ),
    ]
    const taken = ['NODE_EXTRA_CA_CERTS', 'OLDPWD', 'SHLVL', 'SSL_CERT_DIR', 'SSL_CERT_FILE', '_']
    expect(tale!.environment!.filter((name) => !taken.includes(name))).toEqual(own.toSorted())
    await provisioner.removeWorker(spec)
    await provisioner.close()
  })

  it('keeps the token out of its files, and its files from others', async () => {
    const provisioner = await openIn(folder)
    const spec = newSpec('plain-secret-token')
    await provisioner.ensureWorker(spec)
    await started(spec)
    const own = join(folder.path, 'workers', spec.workerId)
    expect((await stat(own)).mode & 0o077).toBe(0)
    for (const entry of await readdir(own, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      expect(await readFile(join(entry.parentPath, entry.name), 'utf8')).not.toContain('secret-token')
    }
    await provisioner.removeWorker(spec)
    expect(await readdir(join(folder.path, 'workers'))).not.toContain(spec.workerId)
    await provisioner.close()
  })

  it('tells how it ended', async () => {
    const provisioner = await openIn(folder)
    const spec = newSpec('frail')
    await provisioner.ensureWorker(spec)
    await started(spec)
    await until(async () => (await provisioner.observe(spec))[0].detail === 'exit code 3', { what: 'the exit code' })
    await provisioner.removeWorker(spec)
    await provisioner.close()
  })

  it('outlives a control plane that is killed, and is adopted by the next one', async () => {
    const spec = newSpec('plain')
    const controlPlane = spawn(
      process.execPath,
      ['-C', '@lf/source', join(import.meta.dirname, 'placing-control-plane.fixture.ts')],
      { stdio: ['ignore', 'ignore', 'inherit'], env: { FOLDER: folder.path, SPEC: JSON.stringify(spec) } },
    )
    children.push(controlPlane)
    await started(spec)
    controlPlane.kill('SIGKILL')
    await once(controlPlane, 'exit')
    const provisioner = await openIn(folder)
    expect((await provisioner.observe(spec))[0].presence).toBe('running')
    await provisioner.ensureWorker(spec)
    expect(ears.starts(spec)).toHaveLength(1)
    const changes: string[] = []
    provisioner.onChange(({ workerId }) => changes.push(workerId))
    const adopted = await processOf(folder, spec)
    await signalProcess(adopted, 'SIGKILL')
    await until(() => changes.includes(spec.workerId), { what: 'the end of the adopted worker to be seen' })
    await provisioner.ensureWorker(spec)
    await started(spec, 2)
    await provisioner.removeWorker(spec)
    expect(await isRunning(adopted)).toBe(false)
    await provisioner.close()
  })

  it('is not signalled for a record whose process id belongs to another by now', async () => {
    const provisioner = await openIn(folder)
    const spec = newSpec('plain')
    await provisioner.ensureWorker(spec)
    await started(spec)
    const folders = new WorkerFolders(join(folder.path, 'workers'))
    const record = (await folders.read(spec.workerId))!
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    children.push(stranger)
    await once(stranger, 'spawn')
    await folders.write({ ...record, process: { pid: stranger.pid!, start: 'an earlier life' } })
    await provisioner.removeWorker(spec)
    expect(stranger.exitCode).toBeNull()
    expect(stranger.signalCode).toBeNull()
    await signalProcess(record.process!, 'SIGKILL')
    await provisioner.close()
  })

  it('says by code why it could not be started', async () => {
    const provisioner = await openIn(folder)
    const spec = newSpec('plain')
    await writeFile(join(folder.path, 'workers', spec.workerId), 'in the way')
    await expect(provisioner.ensureWorker(spec)).rejects.toMatchObject({ code: 'LF_PROVISIONER_FAILED' })
    await provisioner.removeWorker(spec)
    await provisioner.close()
  })
})
