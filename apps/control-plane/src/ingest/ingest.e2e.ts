import { closeCompiler } from '@lightflus/compiler'
import { readSegment, openStorage } from '@lightflus/storage'
import { needs } from '@lightflus/testing/services'
import { checkpointLocation } from '../deployments/checkpoint-location.ts'
import { CONFIG } from '../platform/platform.module.ts'
import { generatorProgram } from '../testing/programs.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'

afterAll(() => closeCompiler())

const program = (job: string) => ({
  fileName: 'program.ts',
  text: `import { ingest, job, table } from 'lightflus'
import { z } from 'zod'
export default job('${job}', (flow) => {
  flow
    .source(ingest.source({ endpoint: 'orders', value: z.object({ id: z.string() }) }), { name: 'read' })
    .sinkTo(table.sink(), { name: 'write' })
})
`,
})

needs('postgres')('records that are posted to a job', () => {
  let platform: TestPlatform
  let user: TestUser
  let token: string
  const lines = { 'content-type': 'application/x-ndjson' }

  beforeAll(async () => {
    platform = await TestPlatform.start()
    user = await platform.tenant()
    const { client, token: given } = await platform.signIn(user)
    token = given
    await client.applyJob({ params: { name: 'shop' }, body: { program: program('shop'), deployment: {} } })
    await client.applyJob({ params: { name: 'other' }, body: { program: generatorProgram('other'), deployment: {} } })
    await client.applyJob({ params: { name: 'idle' }, body: { program: program('idle') } })
  })
  afterAll(() => platform.close())

  const post = async (
    body: string,
    { headers = lines, bearer = token, path = 'shop/ingest/orders', url = platform.url } = {} as {
      headers?: Record<string, string>
      bearer?: string
      path?: string
      url?: string
    },
  ) => {
    const response = await fetch(`${url}/api/v1/jobs/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, ...headers },
      body: Buffer.from(body),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const stored = async (): Promise<string[]> => {
    const { id } = await platform.controlPlane.database.tenant(user.tenantId, (tx) =>
      tx.client.job.findUniqueOrThrow({ where: { tenantId_name: { tenantId: user.tenantId, name: 'shop' } } }),
    )
    const storage = openStorage(checkpointLocation(platform.controlPlane.app.get(CONFIG), user.tenantId, id))
    const all: string[] = []
    for (let number = 1; ; number += 1) {
      const segment = await readSegment({ storage, job: 'shop', endpoint: 'orders' }, number)
      if (!segment) return all
      all.push(
        ...Array.from(segment.ends, (end, at) =>
          Buffer.from(segment.bytes.subarray(segment.ends[at - 1] ?? 0, end)).toString(),
        ),
      )
    }
  }

  test('are in the job’s own log, once, also where a request is repeated to another control plane', async () => {
    const replica = await platform.startReplica()
    try {
      const headers = { ...lines, 'idempotency-key': 'first' }
      const [a, b] = ['{"id":"a"}', '{"id":"b"}']
      expect(await post(`${a}\n${b}`, { headers })).toEqual({ status: 202, body: { accepted: 2, duplicate: false } })
      expect(await post(`${a}\n${b}`, { headers, url: replica.url })).toEqual({
        status: 202,
        body: { accepted: 2, duplicate: true },
      })
      expect((await post(a, { headers })).body).toMatchObject({ status: 422, code: 'LF_IDEMPOTENCY_MISMATCH' })
      expect((await post('{"id":"c"}', { headers: { 'content-type': 'application/json' } })).status).toBe(202)
      expect(await stored()).toEqual([a, b, '{"id":"c"}'])
    } finally {
      await replica.close()
    }
  })

  test('are refused whole, with the reason', async () => {
    const before = await stored()
    const refusals = [
      [await post('{"id":"d"}\n{"id":4}'), 422, 'LF_INGEST_RECORDS'],
      [await post('{'), 422, 'LF_INGEST_RECORDS'],
      [await post('{"id":"d"}', { headers: {} }), 415, 'LF_INGEST_MEDIA_TYPE'],
      [await post(`{"id":"${'d'.repeat(1_100_000)}"}`), 413, 'LF_INGEST_TOO_LARGE'],
      [await post(`{"id":"${'d'.repeat(5_000_000)}"}`), 413, 'LF_REQUEST_TOO_LARGE'],
      [await post('{"id":"d"}', { path: 'shop/ingest/order' }), 404, 'LF_INGEST_ENDPOINT_UNKNOWN'],
      [await post('{"id":"d"}', { path: 'other/ingest/orders' }), 404, 'LF_INGEST_ENDPOINT_UNKNOWN'],
      [await post('{"id":"d"}', { path: 'none/ingest/orders' }), 404, 'LF_JOB_NOT_FOUND'],
      [await post('{"id":"d"}', { path: 'idle/ingest/orders' }), 409, 'LF_INGEST_ENDED'],
    ] as const
    for (const [{ status, body }, expected, code] of refusals)
      expect({ status, code: body.code }).toEqual({ status: expected, code })
    expect(refusals[0][0].body.detail).toContain('line 2: id: must be a string, not number')
    expect(await stored()).toEqual(before)
  })

  test('are taken of the tenant’s own developers alone', async () => {
    const stranger = await platform.signIn(await platform.tenant())
    const viewer = await platform.signIn(await platform.member(user, 'viewer'))
    expect((await post('{"id":"e"}', { bearer: stranger.token })).body).toMatchObject({ code: 'LF_JOB_NOT_FOUND' })
    expect((await post('{"id":"e"}', { bearer: viewer.token })).body).toMatchObject({ code: 'LF_FORBIDDEN' })
    expect((await post('{"id":"e"}', { bearer: 'none' })).status).toBe(401)
  })
})
