import { closeCompiler } from '@lightflus/compiler'
import { needs } from '@lightflus/testing/services'
import { generatorProgram } from '../testing/programs.ts'
import { checkpointOf, metricsOf, reportOf, SpokenWorker } from '../testing/spoken-worker.ts'
import { TestPlatform } from '../testing/test-platform.ts'

afterAll(() => closeCompiler())

needs('postgres')('figures of jobs', () => {
  let platform: TestPlatform
  beforeAll(async () => {
    platform = await TestPlatform.start()
  })
  afterAll(() => platform.close())

  /** A tenant with a job that runs, and its worker. */
  async function running(name: string) {
    const user = await platform.tenant()
    const { client, token } = await platform.signIn(user)
    await client.applyJob({ params: { name }, body: { program: generatorProgram(name), deployment: {} } })
    const worker = await SpokenWorker.of(platform, user.tenantId)
    const assignment = await worker.assignment(name)
    const { key } = await client.createApiKey({ body: { name: 'prometheus', role: 'viewer' } })
    const scrape = (used = key) => platform.request('GET', '/api/v1/metrics', { token: used })
    return { name, client, token, worker, assignment, scrape }
  }

  test('are told to Prometheus by name, with their units', async () => {
    const { worker, assignment, scrape, client } = await running('orders')
    const watermark = platform.clock.now() - 5_000
    const read = metricsOf('read', { recordsOut: 12, lag: 34, watermark })
    const count = metricsOf('count', { recordsIn: 12, stateEntries: 3, stateBytes: 450, watermark: watermark - 2_000 })
    const lastFailure = { checkpoint: 6, at: 1, reason: 'A subtask could not store its snapshot.' }
    await worker.sync(
      reportOf(assignment, {
        metrics: [read, count],
        checkpoints: [
          checkpointOf(7, {
            completedAt: 9_000,
            durationMs: 250,
            bytes: 99,
            alignmentMs: 20,
            pauseMs: 1.5,
            commitMs: 80,
          }),
        ],
        checkpointCounts: { completed: 1, failed: 2, lastFailure },
      }),
    )
    const { status, text } = await scrape()
    expect(status).toBe(200)
    for (const line of [
      'lightflus_job_running{job="orders"} 1',
      'lightflus_job_restarts_total{job="orders"} 0',
      'lightflus_job_lag_records{job="orders"} 34',
      'lightflus_checkpoints_completed_total{job="orders"} 1',
      'lightflus_checkpoints_failed_total{job="orders"} 2',
      'lightflus_checkpoint_last_success_timestamp_seconds{job="orders"} 9',
      'lightflus_checkpoint_duration_seconds{job="orders"} 0.25',
      'lightflus_checkpoint_size_bytes{job="orders"} 99',
      'lightflus_checkpoint_alignment_seconds{job="orders"} 0.02',
      'lightflus_checkpoint_pause_seconds{job="orders"} 0.0015',
      'lightflus_checkpoint_commit_seconds{job="orders"} 0.08',
      'lightflus_operator_records_out_total{job="orders",operator="read"} 12',
      'lightflus_operator_state_entries{job="orders",operator="count"} 3',
      'lightflus_operator_state_bytes{job="orders",operator="count"} 450',
      '# TYPE lightflus_checkpoints_failed_total counter',
      '# TYPE lightflus_checkpoint_duration_seconds gauge',
    ])
      expect(text.split('\n')).toContain(line)
    const metrics = await client.getMetrics({ params: { name: 'orders' } })
    expect(metrics).toMatchObject({ attempt: 1, lagRecords: 34 })
    expect(metrics.watermarkLagMs).toBeGreaterThanOrEqual(7_000)
    const { status: shown } = (await client.getJob({ params: { name: 'orders' } })).deployment!
    expect(shown.checkpointCounts).toEqual({ completed: 1, failed: 2, lastFailure })
  })

  test('are of the caller’s tenant alone', async () => {
    const mine = await running('mine')
    const theirs = await running('theirs')
    for (const { worker, assignment } of [mine, theirs])
      await worker.sync(reportOf(assignment, { metrics: [metricsOf('read')], checkpoints: [checkpointOf(1)] }))
    for (const [own, other] of [
      [mine, theirs],
      [theirs, mine],
    ]) {
      const { text } = await own.scrape()
      expect(text).toContain(`job="${own.name}"`)
      expect(text).not.toContain(other.name)
    }
    await expect(mine.client.getMetrics({ params: { name: 'theirs' } })).rejects.toMatchObject({
      code: 'LF_JOB_NOT_FOUND',
    })
    for (const token of ['lf_nonsense', '']) expect((await mine.scrape(token)).status).toBe(401)
  })

  test('of checkpoints add up over attempts, whichever reports are repeated, and learn of commits later', async () => {
    const { name, client, worker, assignment } = await running('counted')
    const counts = (completed: number, failed: number, reason = 'Too slow.') => ({
      checkpointCounts: { completed, failed, lastFailure: failed > 0 ? { checkpoint: 1, at: 1, reason } : null },
    })
    const first = reportOf(assignment, { ...counts(2, 1), checkpoints: [checkpointOf(2)] })
    await worker.sync(first)
    await worker.sync(first, reportOf(assignment, counts(1, 0)))
    await worker.sync(reportOf(assignment, { ...counts(2, 1), checkpoints: [checkpointOf(2, { commitMs: 12 })] }))
    await worker.sync(reportOf(assignment, { attempt: 2, ...counts(3, 1, 'No room.\0') }))
    const { status } = (await client.getJob({ params: { name } })).deployment!
    expect(status.checkpointCounts).toMatchObject({ completed: 5, failed: 2, lastFailure: { reason: 'No room.�' } })
    const { items } = await client.listCheckpoints({ params: { name }, query: {} })
    expect(items).toEqual([checkpointOf(2, { commitMs: 12 })])
  })

  test('of a worker that does not tell them are none', async () => {
    const { name, client, worker, assignment, scrape } = await running('older')
    const { checkpointCounts: _new, ...old } = reportOf(assignment)
    const { alignmentMs: _alignment, pauseMs: _pause, commitMs: _commit, ...checkpoint } = checkpointOf(3)
    const reports = [{ ...old, checkpoints: [checkpoint] }] as unknown as Parameters<typeof worker.request>[0]
    expect((await worker.request(reports)).status).toBe(200)
    expect((await client.getJob({ params: { name } })).deployment?.status).toMatchObject({
      lastCheckpoint: checkpointOf(3),
      checkpointCounts: { completed: 0, failed: 0, lastFailure: null },
    })
    const { text } = await scrape()
    expect(text).toContain('lightflus_checkpoint_duration_seconds{job="older"} 0.001')
    expect(text).not.toContain('lightflus_checkpoint_pause_seconds{job="older"}')
  })
})
