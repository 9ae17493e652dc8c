import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { temporaryFolder, type TemporaryFolder } from '@lightflus/testing/services'
import fc from 'fast-check'
import { checkpointOf, drain } from '../testing/drain.ts'
import { failing, filesSource, readFiles } from '../testing/files-tools.ts'
import { describeSourceContract } from '../testing/source-contract.ts'
import { withFolder } from '../testing/temporary-folder.ts'
import { DecompressedBytes } from './decompressed-bytes.ts'
import { chunkBytes } from './file-bytes.ts'

const compress = { gz: (bytes: Uint8Array) => gzipSync(bytes), zst: (bytes: Uint8Array) => zstdCompressSync(bytes) }
const endings = ['gz', 'zst'] as const

/** Bytes of the file from a position on. */
async function bytesFrom(path: string, position: number): Promise<Buffer> {
  const bytes = await DecompressedBytes.open(path, position)
  const chunks: Buffer[] = []
  try {
    for (let chunk = await bytes.read(); chunk; chunk = await bytes.read()) chunks.push(chunk)
  } finally {
    await bytes.close()
  }
  return Buffer.concat(chunks)
}

/** A member of exactly so many compressed bytes. */
function memberOf(ending: (typeof endings)[number], size: number): Buffer {
  const bytes = randomBytes(size)
  for (let length = size; length > 0; length--) {
    const member = compress[ending](bytes.subarray(0, length))
    if (member.length === size) return member
  }
  throw new Error('Random bytes were compressed')
}

const withFile = (name: string, content: Uint8Array, use: (path: string) => Promise<void>) =>
  withFolder(async (folder) => {
    await writeFile(join(folder, name), content)
    await use(join(folder, name))
  })

const folders: TemporaryFolder[] = []
afterAll(() => Promise.all(folders.map((folder) => folder.remove())))

describe.each(endings)('a file compressed as %s', (ending) => {
  it('is read as plain bytes are, from any position and of any members', () =>
    withFolder(async (folder) => {
      const path = join(folder, `data.${ending}`)
      const member = fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        // Of more than one chunk, when decompressed.
        fc.integer({ min: 1, max: 3 * chunkBytes }).map((length) => Buffer.alloc(length, 'ab')),
        fc.integer({ min: 1, max: 2 * chunkBytes }).map((length) => randomBytes(length)),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 4 }), fc.nat(1000), async (members, place) => {
          const plain = Buffer.concat(members)
          await writeFile(path, Buffer.concat(members.map(compress[ending])))
          const position = Math.floor((plain.length * place) / 1000)
          expect((await bytesFrom(path, position)).equals(plain.subarray(position))).toBe(true)
        }),
        { numRuns: 60 },
      )
    }))

  it('yields the records of the plain file, restored after any of them', () =>
    withFolder(async (folder) => {
      const line = fc.string({ unit: fc.constantFrom('a', 'ä', '😀', ' ', '\r'), maxLength: 20 })
      await fc.assert(
        fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 30 }), fc.nat(30), async (lines, cut) => {
          const [plain, compressed] = [join(folder, 'plain'), join(folder, `compressed.${ending}`)]
          const content = Buffer.from(lines.join('\n'))
          await writeFile(plain, content)
          await writeFile(compressed, compress[ending](content))
          const expected = await readFiles({ path: plain, format: 'text' })
          const { source } = filesSource({ path: compressed, format: 'text' })
          await source.open(undefined)
          const read = await drain(source, new Map(), { count: cut, recordsMax: 3 })
          const positions = checkpointOf([source])
          await source.close()
          const restored = filesSource({ path: compressed, format: 'text' }).source
          await restored.open(positions)
          await drain(restored, read)
          await restored.close()
          expect([...read.values()].flat().map(String)).toEqual(expected)
        }),
        { numRuns: 40 },
      )
    }))

  it('ends in an error wherever it is cut off', () =>
    withFolder(async (folder) => {
      const path = join(folder, `data.${ending}`)
      const whole = Buffer.concat([compress[ending](Buffer.from('1\n2\n')), compress[ending](randomBytes(40))])
      const first = compress[ending](Buffer.from('1\n2\n')).length
      for (let length = 0; length < whole.length; length++) {
        await writeFile(path, whole.subarray(0, length))
        if (length === first) expect(await readFiles({ path, format: 'text' })).toEqual(['1', '2'])
        else await expect(readFiles({ path, format: 'text' })).rejects.toEqual(failing('LF_FILES_FORMAT', path))
      }
    }))

  it('ends in an error when a member is cut off on the edge of what is read at once', () =>
    withFolder(async (folder) => {
      const path = join(folder, `data.${ending}`)
      const [first, second] = [memberOf(ending, chunkBytes - 1), compress[ending](Buffer.from('1\n'))]
      for (let length = 1; length < second.length; length++) {
        await writeFile(path, Buffer.concat([first, second.subarray(0, length)]))
        await expect(bytesFrom(path, 0)).rejects.toEqual(failing('LF_FILES_FORMAT', path))
      }
      await writeFile(path, Buffer.concat([first, second]))
      expect((await bytesFrom(path, 0)).subarray(-2).toString()).toBe('1\n')
    }))

  it('ends in an error when something else follows, and when it is not compressed at all', async () => {
    const content = compress[ending](Buffer.from('1\n2\n'))
    for (const what of [Buffer.from('hello'), Buffer.alloc(8)])
      await withFile(`a.${ending}`, Buffer.concat([content, what]), async (path) => {
        await expect(readFiles({ path, format: 'text' })).rejects.toEqual(failing('LF_FILES_FORMAT', path))
      })
    await withFile(`a.${ending}`, Buffer.from('{"a":1}\n'), async (path) => {
      await expect(readFiles({ path, format: 'jsonl' })).rejects.toEqual(failing('LF_FILES_FORMAT', 'is damaged'))
    })
  })

  it('that became shorter than the checkpoint’s position is told from a damaged one', () =>
    withFile(`a.${ending}`, compress[ending](Buffer.from('1\n')), async (path) => {
      const { source } = filesSource({ path, format: 'text' })
      await source.open({ [path]: { byte: 4, line: 3, ended: false } })
      await expect(source.poll(1)).rejects.toEqual(failing('LF_FILES_CHANGED', 'has 2 bytes'))
      await source.close()
    }))

  it('is decompressed up to the position in bounded pieces, between which barriers can pass', () =>
    withFile(`a.${ending}`, compress[ending](Buffer.from(`${'x'.repeat(1023)}\n`.repeat(20 * 1024))), async (path) => {
      const { source, heard } = filesSource({ path, format: 'text' })
      const position = { byte: 19 * 1024 * 1024, line: 19 * 1024 + 1, ended: false }
      await source.open({ [path]: position })
      expect(await source.poll(1)).toBeUndefined()
      expect(source.positions()).toEqual({ [path]: position })
      expect(heard.wakes).toHaveLength(1)
      const read = await drain(source, new Map())
      expect(read.get(path)).toHaveLength(1024)
      await source.close()
    }))
})

it('a gzip file notices a wrong checksum', async () => {
  const content = gzipSync('1\n2\n')
  content[content.length - 6] ^= 1
  await withFile('a.gz', content, async (path) => {
    await expect(readFiles({ path, format: 'text' })).rejects.toEqual(
      failing('LF_FILES_FORMAT', 'incorrect data check'),
    )
  })
})

const texts = [30, 400, 1].map((count) =>
  Array.from({ length: count }, (_, at) => `${at} ${'äx'.repeat((at * 7919) % 900)}`),
)
const contents = {
  text: (lines: readonly string[]) => lines.join('\n'),
  jsonl: (lines: readonly string[]) => lines.map((text) => JSON.stringify({ text })).join('\n'),
  csv: (lines: readonly string[]) => ['text', ...lines.map((text) => `"${text}\n"`)].join('\n'),
}
const records = {
  text: (line: string): unknown => Buffer.from(line),
  jsonl: (text: string): unknown => Buffer.from(JSON.stringify({ text })),
  csv: (text: string): unknown => ({ text: `${text}\n` }),
}
const compressions = [
  ['text', 'gz'],
  ['jsonl', 'zst'],
  ['csv', 'gz'],
  ['csv', 'zst'],
] as const
for (const [format, ending] of compressions)
  describeSourceContract(`files, ${format}.${ending}`, () => {
    const temporary = temporaryFolder('connectors')
    folders.push(temporary)
    const paths = texts.map((lines, at) => {
      const path = join(temporary.path, `file-${at}.${format}.${ending}`)
      writeFileSync(path, compress[ending](Buffer.from(contents[format](lines))))
      return path
    })
    return {
      create: (subtask) => filesSource({ path: temporary.path, format }, subtask).source,
      expected: () => new Map(paths.map((path, at) => [path, texts[at].map(records[format])])),
      runs: 15,
    }
  })
