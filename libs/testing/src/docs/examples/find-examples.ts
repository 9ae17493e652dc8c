import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A program of a page, and the block behind it that says what it does. */
export interface PageExample {
  /** `page:line` of the program. */
  readonly place: string
  readonly page: string
  readonly program: string
  readonly script: string
}

/** Every program on the pages under a folder of the repository that is directly followed by a text block. */
export function findExamples(root: string, pattern: string): PageExample[] {
  return globSync(pattern, { cwd: root })
    .sort()
    .flatMap((page) => examplesOf(page, readFileSync(join(root, page), 'utf8')))
}

export function examplesOf(page: string, text: string): PageExample[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```\n\s*^```text\n([\s\S]*?)^```$/gm)]
    .filter(([, program]) => program!.includes('export default job('))
    .map(({ index, 1: program, 2: script }) => ({
      place: `${page}:${text.slice(0, index).split('\n').length}`,
      page,
      program: program!,
      script: script!,
    }))
}
