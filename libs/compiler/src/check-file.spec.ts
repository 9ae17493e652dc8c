import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bundleProgram, checkFile, projectRoot } from './check-file.ts'
import { closeCompiler } from './close-compiler.ts'
import { lines } from './testing/programs.ts'

// Goal: a program in its author's folder may have files and packages of its own, and its mistakes are named as he names files.

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lightflus-project-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
afterAll(closeCompiler)

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

const project = {
  'package.json': '{ "type": "module" }',
  'src/words.ts': `import { shout } from 'shout'\nexport const words = (line: string): string[] => shout(line).split(' ')\n`,
  'src/program.ts': `import { files, job, table, text } from 'lightflus'
import { words } from './words.ts'

export default job('words', (flow) => {
  flow.source(files.source({ path: 'lines.txt', format: 'text' })).flatMap(words).sinkTo(table.sink({ row: (word) => ({ word }) }))
})
`,
  'node_modules/shout/package.json':
    '{ "name": "shout", "version": "1.0.0", "type": "module", "main": "index.js", "types": "index.d.ts" }',
  'node_modules/shout/index.js': 'export const shout = (text) => text.toUpperCase()\n',
  'node_modules/shout/index.d.ts': 'export declare function shout(text: string): string\n',
}

it('bundles its files and packages, and the platform’s lightflus where it has none', async () => {
  write({ ...project, 'src/program.ts': project['src/program.ts'].replace(', text }', ' }') })
  const checked = await checkFile(join(folder, 'src/program.ts'))
  expect(lines(checked.diagnostics)).toEqual([])
  expect(checked.graph?.job).toBe('words')
  expect(checked.bundle!.text).toContain('toUpperCase')
  expect((JSON.parse(checked.bundle!.sourceMap) as { sources: string[] }).sources.filter(Boolean)).toEqual([
    'src/words.ts',
    'src/program.ts',
  ])
})

it('gives one bundle wherever the folder stands', async () => {
  write(project)
  const first = await bundleProgram(join(folder, 'src/program.ts'))
  const elsewhere = folder
  folder = mkdtempSync(join(tmpdir(), 'lightflus-project-of-a-longer-name-'))
  write(project)
  const second = await bundleProgram(join(folder, 'src/program.ts'))
  rmSync(elsewhere, { recursive: true })
  expect(first.bundle!.text).toBe(second.bundle!.text)
})

it('names mistakes of every file relative to the project', async () => {
  write({
    ...project,
    'src/words.ts': `import { readFileSync } from 'node:fs'\nexport const words = (line: number): string[] => [readFileSync(line)]\n`,
  })
  expect(lines((await checkFile(join(folder, 'src/program.ts'))).diagnostics)).toEqual([
    expect.stringMatching(/^src\/program.ts:5:76 LF_PROGRAM_TYPE error: /),
    "src/words.ts:1:30 LF_PROGRAM_IMPORT error: 'node:fs' is a module of Node; a program has no access to it. Outside systems are reached through connectors.",
  ])
})

it('respects the strictness of its tsconfig.json, and says what is wrong with one', async () => {
  write({
    ...project,
    'src/words.ts': 'export const words = (line) => [String(line)]\n',
    'tsconfig.json': '{ "compilerOptions": { "strict": false } }',
  })
  expect(lines((await checkFile(join(folder, 'src/program.ts'))).diagnostics)).toEqual([])
  write({ 'tsconfig.json': '{ "compilerOptions": { "strict": true, "stricd": 1 } }' })
  expect(lines((await checkFile(join(folder, 'src/program.ts'))).diagnostics)).toEqual([
    "src/words.ts:1:23 LF_PROGRAM_TYPE error: Parameter 'line' implicitly has an 'any' type.",
    expect.stringMatching(/^tsconfig.json:1:40 LF_PROGRAM_TYPE error: Unknown compiler option 'stricd'/),
  ])
})

it('says which file is not there', async () => {
  write({ ...project, 'src/words.ts': `import './gone.ts'\nimport gone from 'gone'\nexport const words = gone\n` })
  expect(lines((await checkFile(join(folder, 'src/program.ts'), { types: false })).diagnostics)).toEqual([
    'src/words.ts:1:8 LF_PROGRAM_IMPORT error: Could not resolve "./gone.ts"',
    'src/words.ts:2:18 LF_PROGRAM_IMPORT error: Could not resolve "gone"',
  ])
  expect(lines((await checkFile(join(folder, 'nothing.ts'))).diagnostics)).toEqual([
    'nothing.ts:-:- LF_PROGRAM_FILE error: There is no such file.',
  ])
  expect(lines((await checkFile(folder)).diagnostics)).toEqual([
    expect.stringMatching(/:-:- LF_PROGRAM_FILE error: This is not a file.$/),
  ])
})

it('takes the nearest folder with a package.json for the project', () => {
  write(project)
  expect(projectRoot(join(folder, 'src/program.ts'))).toBe(folder)
})
