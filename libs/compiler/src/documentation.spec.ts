import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkFile, checkProgram, closeCompiler } from './index.ts'

const root = join(import.meta.dirname, '../../..')

/** Every TypeScript block of a page that is a whole program, with the line at which it stands. */
const programsOf = (page: string): [string, string][] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .filter(([, text]) => text!.includes('export default job('))
    .map(({ index, 1: text, input }) => [`${page}:${input.slice(0, index).split('\n').length}`, text!])

const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })]
const examples = globSync('examples/*.ts', { cwd: root }).map((path): [string, string] => [
  path,
  readFileSync(join(root, path), 'utf8'),
])

afterAll(closeCompiler)

// Goal: what a newcomer copies from a page or from examples/ passes the check.
test.each([...pages.flatMap(programsOf), ...examples])('the program at %s is right', async (_place, text) => {
  const { diagnostics, graph } = await checkProgram({ fileName: 'program.ts', text })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(graph).not.toBeNull()
})

// What imports files of its own is no program of one file.
test.each(globSync('examples/*/*.ts', { cwd: root }))('the program at %s is right', async (path) => {
  const { diagnostics, graph } = await checkFile(join(root, path))
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(graph).not.toBeNull()
})
