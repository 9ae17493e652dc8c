import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { CheckpointStorage } from './checkpoint-storage.ts'
import { folderStorage } from './folder-storage.ts'
import { memoryStorage } from './memory-storage.ts'

const folders: string[] = []
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lightflus-storage-'))
  folders.push(folder)
  return folder
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const drivers: readonly { name: string; open: () => Promise<CheckpointStorage> }[] = [
  { name: 'memory', open: async () => memoryStorage() },
  { name: 'folder', open: async () => folderStorage(join(await temporaryFolder(), 'not', 'there', 'yet')) },
]

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

describe.each(drivers)('checkpoint storage in $name', ({ open }) => {
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
      { numRuns: 40 },
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
})
