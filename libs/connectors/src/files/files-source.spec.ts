import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rmSync, writeFileSync } from 'node:fs'
import { temporaryFolder, type TemporaryFolder } from '@lightflus/testing/services'
import { checkpointOf, drain } from '../testing/drain.ts'
import { describeSourceContract } from '../testing/source-contract.ts'
import { withFolder } from '../testing/temporary-folder.ts'
import { failing, filesSource, readFiles } from '../testing/files-tools.ts'
import type { FilesSourceOptions } from './files-source.ts'
import { lineBytesMax } from './line-cutter.ts'

const whole = { index: 0, parallelism: 1 }
const sourceOf = (
  path: string,
  format: FilesSourceOptions['format'],
  subtask = whole,
  onError: 'fail' | 'skip' = 'fail',
) => filesSource({ path, format }, subtask, onError)

const read = (path: string, format: FilesSourceOptions['format']) => readFiles({ path, format })

const readText = (content: string | Uint8Array, format: FilesSourceOptions['format']): Promise<unknown[]> =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'data'), content)
    return read(join(folder, 'data'), format)
  })

describe('files source: lines', () => {
  it('end in LF or CR LF, and the last one in nothing', async () => {
    expect(await readText('a\r\nb\n\nc', 'text')).toEqual(['a', 'b', '', 'c'])
    expect(await readText('a\n', 'text')).toEqual(['a'])
    expect(await readText('', 'text')).toEqual([])
    expect(await readText('\n', 'text')).toEqual([''])
  })

  it('of JSON leave out blank ones and a byte order mark', async () => {
    expect(await readText('\ufeff{"a":1}\n\n  \n{"a":2}\n', 'jsonl')).toEqual(['{"a":1}', '{"a":2}'])
  })

  it('come as the bytes that they are, whether they are text or not', async () => {
    const lines = [Buffer.from('ä'), Buffer.from([0xff, 0x41]), Buffer.from('ö')]
    const content = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
    await withFolder(async (folder) => {
      await writeFile(join(folder, 'data'), content)
      const { source } = sourceOf(join(folder, 'data'), 'text')
      await source.open(undefined)
      expect([...(await drain(source, new Map())).values()]).toEqual([lines])
      await source.close()
    })
  })

  it('longer than memory allows are an error that names the line', async () => {
    const content = `a\n${'x'.repeat(lineBytesMax + 1)}`
    await expect(readText(content, 'text')).rejects.toEqual(failing('LF_FILES_LINE_TOO_LONG', 'line 2'))
  })
})

describe('files source: CSV', () => {
  it('makes an object of each row, also across quoted lines and blank ones', async () => {
    const content = '\ufeffid,text\r\n1,"a ""b"",\r\nc"\r\n\r\n2,ü\n3,'
    expect(await readText(content, 'csv')).toEqual([
      { id: '1', text: 'a "b",\r\nc' },
      { id: '2', text: 'ü' },
      { id: '3', text: '' },
    ])
  })

  it('rejects a row that does not fit the header, naming its line, and goes on', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'a.csv')
      await writeFile(path, 'a,b\n"1\n1",2\n3\n4,5\n')
      const { source, heard } = sourceOf(path, 'csv', whole, 'skip')
      await source.open(undefined)
      expect([...(await drain(source, new Map())).values()].flat()).toEqual([
        { a: '1\n1', b: '2' },
        { a: '4', b: '5' },
      ])
      expect(heard.rejected).toEqual([failing('LF_FILES_FORMAT', 'line 4: 1 fields, but the header has 2')])
      await source.close()
    })
  })

  it.each([
    ['no header', '', 'there is no header'],
    ['a column without a name', 'a,,b\n', 'column 2 of the header has no name'],
    ['a repeated column', 'a,b,a\n', "two columns are named 'a'"],
    ['an open quote', 'a\n1\n"2\n3\n', 'line 3'],
    ['a quote inside a field', 'a\n1\n2"2"\n', 'line 3'],
    ['bytes that are no text', new Uint8Array([0x61, 10, 0xff, 10]), 'not UTF-8'],
  ])('refuses %s', async (_name, content, message) => {
    await expect(readText(content, 'csv')).rejects.toEqual(failing('LF_FILES_FORMAT', message))
  })
})

describe('files source: paths', () => {
  it('may be a folder, of which hidden files and folders are left out, or a pattern', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'inner.txt'))
      for (const [name, content] of [
        ['b.txt', 'b'],
        ['a.txt', 'a'],
        ['.hidden', 'h'],
        ['c.log', 'c'],
      ] as const)
        await writeFile(join(folder, name), content)
      expect(await read(folder, 'text')).toEqual(['a', 'b', 'c'])
      expect(await read(join(folder, '*.txt'), 'text')).toEqual(['a', 'b'])
    }))

  it('that lead to nothing, or to what cannot be read, are an error', () =>
    withFolder(async (folder) => {
      await expect(read(join(folder, 'none.txt'), 'text')).rejects.toEqual(failing('LF_FILES_MISSING', 'none.txt'))
      await expect(read(join(folder, '*.txt'), 'text')).rejects.toEqual(failing('LF_FILES_MISSING', '*.txt'))
      await expect(read(folder, 'text')).rejects.toEqual(failing('LF_FILES_MISSING', folder))
      await writeFile(join(folder, 'file'), '')
      await expect(read(join(folder, 'file', 'x'), 'text')).rejects.toEqual(
        failing('LF_FILES_UNREADABLE', 'not a folder'),
      )
    }))
})

describe('files source: restore', () => {
  it('notices files that were cut or removed, but not those it had read to the end', () =>
    withFolder(async (folder) => {
      const [a, b] = [join(folder, 'a'), join(folder, 'b')]
      await writeFile(a, '1\n2\n')
      await writeFile(b, '3\n4\n')
      const { source } = sourceOf(folder, 'text')
      await source.open(undefined)
      await drain(source, new Map(), { count: 3, recordsMax: 1 })
      const positions = checkpointOf([source])
      await source.close()

      rmSync(a)
      const restored = sourceOf(folder, 'text').source
      await restored.open(positions)
      expect(await drain(restored, new Map())).toEqual(new Map([[b, [Buffer.from('4')]]]))
      await restored.close()

      await writeFile(b, '3')
      await expect(sourceOf(folder, 'text').source.open(positions)).rejects.toEqual(
        failing('LF_FILES_CHANGED', 'byte 2'),
      )
      rmSync(b)
      await writeFile(join(folder, 'c'), '5')
      await expect(sourceOf(folder, 'text').source.open(positions)).rejects.toEqual(failing('LF_FILES_MISSING', b))
    }))
})

const folders: TemporaryFolder[] = []
afterAll(() => Promise.all(folders.map((folder) => folder.remove())))

/** Files whose records lie on both sides of the reader's chunks. */
const lineAsBytes = (payload: unknown): unknown => (typeof payload === 'string' ? Buffer.from(payload) : payload)

function filesOf(format: FilesSourceOptions['format'], contents: readonly string[], expected: readonly unknown[][]) {
  const temporary = temporaryFolder('connectors')
  folders.push(temporary)
  const folder = temporary.path
  const paths = contents.map((content, at) => {
    const path = join(folder, `file-${at}`)
    writeFileSync(path, content)
    return path
  })
  return {
    create: (subtask: { index: number; parallelism: number }) => sourceOf(folder, format, subtask).source,
    expected: () => new Map(paths.map((path, at) => [path, expected[at]!.map(lineAsBytes)])),
    runs: 25,
  }
}

const lines = (count: number, width: number) =>
  Array.from({ length: count }, (_, at) => `${at} ${'äx'.repeat((at * 7919) % width)}`)
const several = [lines(40, 10), lines(90, 12_000), [], lines(1, 2)]

describeSourceContract('files, text', () =>
  filesOf(
    'text',
    several.map((texts) => texts.join('\r\n') + (texts.length > 10 ? '\r\n' : '')),
    several,
  ),
)

const jsonTexts = several.map((texts) => texts.map((text) => JSON.stringify({ text })))
describeSourceContract('files, jsonl', () =>
  filesOf(
    'jsonl',
    jsonTexts.map((texts) => texts.join('\n\n')),
    jsonTexts,
  ),
)

const csvRows = several.map((texts) =>
  texts.map((text, at) => ({ id: String(at), text: at % 3 ? text : `${text}"\n,` })),
)
describeSourceContract('files, csv', () =>
  filesOf(
    'csv',
    csvRows.map((rows) =>
      ['id,text', ...rows.map(({ id, text }) => `${id},"${text.replaceAll('"', '""')}"`)].join('\n\n'),
    ),
    csvRows,
  ),
)
