import { assertCreatesOnce, type Created } from './s3-support.ts'

/** A store of which it is said how it treats a second creation. */
function store(rule: 'once' | 'always' | 'looks first') {
  const objects = new Set<string>()
  let requests = 0
  return {
    objects,
    requests: () => requests,
    location: 's3://acme/orders',
    async create(path: string): Promise<Created> {
      requests += 1
      const there = objects.has(path)
      if (rule === 'looks first') await Promise.resolve()
      if (there && rule !== 'always') return 'there'
      objects.add(path)
      return 'made'
    },
    async delete(path: string): Promise<void> {
      objects.delete(path)
    },
  }
}

describe('the question whether a store creates an object once', () => {
  it('is answered by ten requests at first, by one from then on, and leaves one object', async () => {
    const once = store('once')
    await assertCreatesOnce(once)
    expect(once.requests()).toBe(10)
    await assertCreatesOnce(once)
    expect(once.requests()).toBe(11)
    expect([...once.objects]).toEqual(['.create-if-absent'])
  })

  it('refuses a store that ignores If-None-Match', async () => {
    await expect(assertCreatesOnce(store('always'))).rejects.toMatchObject({
      code: 'LF_STORAGE_UNSUPPORTED',
      message: expect.stringContaining('wrote an object that was there'),
    })
  })

  it('refuses a store that looks first and writes then', async () => {
    const looks = store('looks first')
    await expect(assertCreatesOnce(looks)).rejects.toMatchObject({
      code: 'LF_STORAGE_UNSUPPORTED',
      message: expect.stringContaining('let 8 of 8 concurrent writers create the same object'),
    })
    expect([...looks.objects]).toEqual(['.create-if-absent'])
  })
})
