import fc from 'fast-check'
import type { CheckpointStorage } from '../checkpoint-storage.ts'

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString()
const bytes = (content: string): Uint8Array => Buffer.from(content)

const somePath = fc.constantFrom('a', 'a-1', 'b/a', 'b/c', 'b/d/e', 'b.d/e', 'log/0000000001')
const someBytes = fc.uint8Array({ maxLength: 2_000 })
const someCall = fc.oneof(
  fc.record({ call: fc.constant('put' as const), path: somePath, bytes: someBytes }),
  fc.record({ call: fc.constant('createIfAbsent' as const), path: somePath, bytes: someBytes }),
  fc.record({ call: fc.constant('get' as const), path: somePath }),
  fc.record({ call: fc.constant('list' as const), prefix: fc.constantFrom('', 'a', 'b', 'b/', 'b/d/', 'log/', 'x/') }),
  fc.record({ call: fc.constant('delete' as const), path: somePath }),
)

/** What a driver brings to the suite. */
export interface DriverUnderTest {
  /** Opens an empty place of its own. */
  open(): Promise<CheckpointStorage>
  /** Opens the place again, as another process would. */
  again(storage: CheckpointStorage): CheckpointStorage
  /** Sequences of calls that are compared with a map: fewer where each call crosses a network. */
  readonly sequences: number
}

/** The contract of checkpoint storage, clause by clause: every driver passes all of it. */
export function storageContract({ open, again, sequences }: DriverUnderTest): void {
  it('answers any sequence of calls as a map of paths to bytes would', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(someCall, { maxLength: 30 }), async (calls) => {
        const storage = await open()
        const model = new Map<string, Uint8Array>()
        for (const step of calls) {
          if (step.call === 'put') {
            await storage.put(step.path, step.bytes)
            model.set(step.path, step.bytes)
          } else if (step.call === 'createIfAbsent') {
            expect(await storage.createIfAbsent(step.path, step.bytes)).toBe(!model.has(step.path))
            if (!model.has(step.path)) model.set(step.path, step.bytes)
          } else if (step.call === 'get') {
            const found = await storage.get(step.path)
            expect(found && [...found]).toEqual(model.has(step.path) ? [...model.get(step.path)!] : undefined)
          } else if (step.call === 'list') {
            const expected = [...model.keys()].filter((path) => path.startsWith(step.prefix)).sort()
            expect(await storage.list(step.prefix)).toEqual(expected)
          } else {
            await storage.delete(step.path)
            model.delete(step.path)
          }
        }
      }),
      { numRuns: sequences },
    )
  })

  it('lets exactly one of many concurrent writers create a file, and keeps the bytes of that one', async () => {
    const storage = await open()
    const won = await Promise.all(
      Array.from({ length: 16 }, (_, writer) => storage.createIfAbsent('log/0000000001', bytes(`writer ${writer}`))),
    )
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(text(await storage.get('log/0000000001'))).toBe(`writer ${won.indexOf(true)}`)
  })

  it('lets exactly one of many clients create each of many files, and tells the others so', async () => {
    const first = await open()
    const clients = [first, ...Array.from({ length: 3 }, () => again(first))]
    const rounds = 10
    const won = Array.from({ length: rounds }, () => 0)
    const racer = async (client: CheckpointStorage, name: string) => {
      for (let round = 0; round < rounds; round += 1) {
        const path = `log/${String(round).padStart(10, '0')}`
        if (!(await client.createIfAbsent(path, bytes(name)))) continue
        won[round]! += 1
        expect(text(await client.get(path))).toBe(name)
      }
    }
    await Promise.all(clients.flatMap((client, at) => [racer(client, `${at} a`), racer(client, `${at} b`)]))
    expect(won).toEqual(Array.from({ length: rounds }, () => 1))
    expect(await first.list('log/')).toHaveLength(rounds)
  })

  it('creates a file again once it was deleted, and never over one that was put', async () => {
    const storage = await open()
    expect(await storage.createIfAbsent('log/1', bytes('one'))).toBe(true)
    await storage.delete('log/1')
    expect(await storage.get('log/1')).toBeUndefined()
    expect(await storage.createIfAbsent('log/1', bytes('two'))).toBe(true)
    await storage.put('log/2', bytes('put'))
    expect(await storage.createIfAbsent('log/2', bytes('created'))).toBe(false)
    expect(text(await storage.get('log/2'))).toBe('put')
  })

  it('shows at once what another client wrote, replaced or deleted', async () => {
    const storage = await open()
    const other = again(storage)
    for (let round = 0; round < 5; round += 1) {
      await storage.put('a', bytes(`round ${round}`))
      expect(text(await other.get('a'))).toBe(`round ${round}`)
      expect(await other.list('')).toEqual(['a'])
      await other.delete('a')
      expect(await storage.get('a')).toBeUndefined()
      expect(await storage.list('')).toEqual([])
    }
  })

  it('keeps empty files, and files of megabytes, byte for byte', async () => {
    const storage = await open()
    await storage.put('empty', new Uint8Array(0))
    expect(await storage.get('empty')).toHaveLength(0)
    const large = new Uint8Array(3_000_001).map((_, at) => (at * 31) ^ (at >> 8))
    await storage.put('large', large)
    expect(Buffer.compare((await storage.get('large'))!, large)).toBe(0)
  })

  it('keeps what was given, whatever the caller then does to its buffer', async () => {
    const storage = await open()
    const given = bytes('before')
    await storage.put('a', given)
    given.fill(0)
    const read = await storage.get('a')
    read!.fill(1)
    expect(text(await storage.get('a'))).toBe('before')
  })

  it('makes room for a file while the last other file of its folder is deleted', async () => {
    const storage = await open()
    for (let round = 0; round < 20; round += 1) {
      await storage.put('folder/old', bytes('old'))
      await Promise.all([storage.delete('folder/old'), storage.put('folder/new', bytes('new'))])
      expect(await storage.list('')).toEqual(['folder/new'])
      await storage.delete('folder/new')
    }
  })

  it.each(['', '/', '/etc/passwd', '../up', 'a/../../up', 'a//b', '.hidden', 'a/.under-way', 'a\0b', 'ü', 'a\\b'])(
    'refuses the path %j before it touches anything',
    async (path) => {
      const storage = await open()
      await expect(storage.put(path, bytes('x'))).rejects.toThrow(TypeError)
      await expect(storage.createIfAbsent(path, bytes('x'))).rejects.toThrow(TypeError)
      await expect(storage.get(path)).rejects.toThrow(TypeError)
      await expect(storage.delete(path)).rejects.toThrow(TypeError)
      if (path !== '') await expect(storage.list(path)).rejects.toThrow(TypeError)
      expect(await storage.list('')).toEqual([])
    },
  )
}
