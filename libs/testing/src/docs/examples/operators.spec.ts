import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../style/source-tree.ts'
import { findExamples } from './find-examples.ts'
import { loadProgram } from './load-program.ts'
import { operatorPages } from './operator-pages.ts'
import { runExample } from './run-example.ts'

// Goal: every example on a page does what the page says, and every operator has a page with one.

const examples = findExamples(root, 'docs/**/*.md')

describe('the example at', () => {
  for (const { place, program, script } of examples)
    test.each([
      ['does what its page says', {}],
      ['does it also when the job is restarted before every line', { isRestarted: true }],
    ])(`${place} %s`, async (_name, way) => {
      const { written, seen } = await runExample(await loadProgram(program), script, way)
      expect(seen).toEqual(written)
    })
})

const folder = 'docs/reference/operators'
const pages = globSync(`${folder}/*.md`, { cwd: root }).filter((page) => !page.endsWith('/README.md'))

test('every page of operators has an example that runs', () => {
  expect(pages.filter((page) => !examples.some((example) => example.page === page))).toEqual([])
})

test('every operator has its page', () => {
  const missing = Object.entries(operatorPages).filter(([, page]) => !existsSync(join(root, folder, page)))
  expect(missing).toEqual([])
})

test('every page tells options, state, cost, and what becomes of late and bad records', () => {
  const required = ['Options', 'State', 'Cost', 'Late and bad records']
  const lacking = Object.values(operatorPages).filter((page) => {
    const headings = [...readFileSync(join(root, folder, page), 'utf8').matchAll(/^## (.+)$/gm)].map(
      ([, title]) => title,
    )
    return headings.filter((title) => required.includes(title)).join() !== required.join()
  })
  expect(lacking).toEqual([])
})
