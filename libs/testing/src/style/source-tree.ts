import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A text file of the repository; the path is relative to its root, with slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

export const root = resolve(import.meta.dirname, '..', '..', '..', '..')

const ignoredFolders = new Set(['node_modules', 'dist', 'generated', 'coverage'])
const textFile =
  /(\.(ts|tsx|js|cjs|mjs|json|md|yaml|yml|tpl|sql|prisma|css|html|xml|sh)|\/run|Dockerfile[^/]*|LICENSE)$/

/** Every text file that people write here: not what is built, installed or generated, and no hidden folder but `.ci`. */
export function sourceTree(): SourceFile[] {
  const files: SourceFile[] = []
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      if (entry.isDirectory()) {
        if (!ignoredFolders.has(entry.name) && (!entry.name.startsWith('.') || entry.name === '.ci')) walk(path)
      } else if (textFile.test(path) && entry.name !== 'package-lock.json') {
        files.push({ path, text: readFileSync(join(root, path), 'utf8') })
      }
    }
  }
  walk('')
  return files
}

export function isCode(path: string): boolean {
  return /\.(ts|tsx|js|cjs|mjs)$/.test(path)
}

/** A file that is no part of what is shipped. */
export function isTest(path: string): boolean {
  return /\.(spec|e2e|k8s|contract|fixture)\.tsx?$|\/(testing|dev|e2e)\/|^libs\/testing\//.test(path)
}
