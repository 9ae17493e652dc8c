import { posix } from 'node:path'
import { isCode, isTest, type SourceFile } from './source-tree.ts'

/** Where things start: run by a person, a tool or another process, and so imported by nobody. */
const entry = /\/(main|index|vite-env\.d)\.tsx?$|\.config\.js$/

/**
 * Files of code under `src` that no other file names, be it in an import or as the address of a thread. A test does not
 * keep a file alive, unless it is itself for tests.
 */
export function deadFiles(files: readonly SourceFile[]): string[] {
  const code = files.filter(({ path }) => isCode(path) || path.endsWith('package.json') || path.endsWith('.html'))
  const named = (by: readonly SourceFile[]) => {
    const names = new Set<string>()
    for (const { path, text } of by) {
      for (const match of text.matchAll(/[\w.-]+\.(?:tsx?|js|css)\b/g)) {
        const name = match[0].replace(/\.js$/, '.ts')
        if (name !== posix.basename(path)) names.add(name)
      }
    }
    return names
  }
  const byShipped = named(code.filter(({ path }) => !isTest(path)))
  const byAll = named(code)
  return code
    .filter(({ text }) => !text.includes('import.meta.main'))
    .map(({ path }) => path)
    .filter((path) => /\/src\/.*\.tsx?$/.test(path) && !/\.(spec|e2e|k8s)\.tsx?$/.test(path) && !entry.test(path))
    .filter((path) => !(isTest(path) ? byAll : byShipped).has(posix.basename(path)))
}
