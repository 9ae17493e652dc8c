import { dirname, join, resolve } from 'node:path'
import { format } from 'prettier'
import { decisionsPage } from './decisions-page.ts'
import { errorsPage } from './errors-page.ts'
import { operatorsPage } from './operators-page.ts'

const docs = resolve(import.meta.dirname, '..', '..', '..', '..', 'docs')

/** A page under docs that is made from code. */
export interface GeneratedPage {
  readonly file: string
  readonly text: () => Promise<string>
}

/** All generated pages; `npm run docs` writes them, a test says when one is stale. */
export const generatedPages: readonly GeneratedPage[] = [
  page('reference/errors.md', errorsPage),
  page('decisions/README.md', decisionsPage),
  page('reference/operators/README.md', operatorsPage),
]

function page(name: string, write: (folder: string) => string): GeneratedPage {
  const file = join(docs, name)
  return { file, text: () => format(write(dirname(file)), { parser: 'markdown', printWidth: 120 }) }
}
