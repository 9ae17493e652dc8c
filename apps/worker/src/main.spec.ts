import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { closeCompiler } from '@lightflus/compiler'
import { until } from '@lightflus/testing/services'
import { SmallControlPlane } from './testing/small-control-plane.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

const program = `
  import { count, generator, job, table } from 'lightflus'
  export default job('counting', (flow) => {
    flow.source(generator.source({ perSecond: 500, generate: (index) => index }), { name: 'numbers' })
      .keyBy((n) => n % 2)
      .aggregate({ count: count() }, { name: 'count' })
      .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'shown' })
  })`

describe('the process of a worker', () => {
  let folder: string
  let platform: SmallControlPlane
  let child: ChildProcess | undefined
  let output = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lightflus-worker-'))
    platform = new SmallControlPlane()
    await platform.come()
  })
  afterEach(async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await platform.leave()
    await rm(folder, { recursive: true, force: true })
    expect(platform.problems).toEqual([])
  })
  afterAll(() => closeCompiler())

  function start(environment: Record<string, string> = {}): ChildProcess {
    output = ''
    child = spawn(process.execPath, ['--conditions=@lf/source', main], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        LIGHTFLUS_CONTROL_PLANE_URL: platform.url,
        LIGHTFLUS_WORKER_ID: 'worker-1',
        LIGHTFLUS_WORKER_TOKEN: platform.token,
        LIGHTFLUS_WORKER_DIR: join(folder, 'own'),
        ...environment,
      },
    })
    child.stderr!.on('data', (text: Buffer) => (output += text.toString()))
    return child
  }

  it('takes savepoints when it is told to end, says so, and ends well', async () => {
    const job = await platform.assign('counting', program, { checkpointLocation: join(folder, 'checkpoints') })
    const told = start()
    await until(() => platform.latest(job)?.state === 'RUNNING', { what: 'the job to run' })
    told.kill('SIGTERM')
    expect(await once(told, 'exit')).toEqual([0, null])
    expect(platform.latest(job)).toMatchObject({ state: 'RESTARTING', attempt: 1 })
    expect(platform.reports(job).flatMap(({ checkpoints }) => checkpoints)).toContainEqual(
      expect.objectContaining({ kind: 'savepoint', attempt: 1 }),
    )
    expect(output).toContain('"message":"worker ended","reason":"told"')
    expect(output).not.toContain(platform.token)
  })

  it('that is killed is followed by one that goes on from the newest checkpoint', async () => {
    const job = await platform.assign('counting', program, { checkpointLocation: join(folder, 'checkpoints') })
    const killed = start()
    await until(() => platform.reports(job).some(({ checkpoints }) => checkpoints.length > 0), { what: 'a checkpoint' })
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    start()
    await until(() => platform.latest(job)?.attempt === 2 && platform.latest(job)?.state === 'RUNNING', {
      what: 'the next attempt to run',
    })
    await until(() => platform.lines(job, 2).length > 0, { what: 'the next attempt to say where it starts' })
    expect(platform.lines(job, 2)[0].message).toMatch(/^Attempt 2 starts from checkpoint/)
  })

  it('keeps programs within the Node options that its slots are given', async () => {
    const text = program.replace(
      '(index) => index',
      "(index) => process.getBuiltinModule('fs').readFileSync('/etc/hostname')",
    )
    const job = await platform.assign('counting', text, { checkpointLocation: join(folder, 'checkpoints') })
    const allowed = [
      '--permission',
      `--allow-fs-read=${join(folder, 'own')}`,
      `--allow-fs-read=${join(main, '../../../..')}`,
    ]
    start({ LIGHTFLUS_SLOT_NODE_OPTIONS: JSON.stringify(allowed) })
    await until(() => platform.latest(job)?.state === 'FAILED', { what: 'the job to fail' })
    expect(platform.latest(job)!.error!.message).toContain('Access to this API has been restricted')
  })

  it('says what it was not told, and ends', async () => {
    const lost = start({ LIGHTFLUS_WORKER_ID: '' })
    expect(await once(lost, 'exit')).toEqual([1, null])
    expect(output).toContain('LIGHTFLUS_WORKER_ID is missing')
  })
})
