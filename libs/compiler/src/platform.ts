import { createRequire } from 'node:module'
import { dirname, resolve, sep } from 'node:path'

const require = createRequire(import.meta.url)

/** From here the platform's own `lightflus` and `zod` are found, whatever the program's folder holds. */
export const platformFolder = import.meta.dirname

/** The packages that a program may import on the platform, beside its own files. */
export const platformPackages = ['lightflus', 'zod'] as const

/** The folder of one of the platform's own packages: its entry is `dist/index.js` or `src/index.ts`. */
function packageFolder(name: string): string {
  return dirname(dirname(require.resolve(name)))
}

const ownFolders = ['lightflus', '@lightflus/api'].map(packageFolder)

/** What every program sees beside the language: the types of the globals that a worker has. */
export const globalsFile = resolve(packageFolder('lightflus'), 'globals.d.ts')

/** True for files of packages, the platform's own among them: not what the author wrote. */
export function isLibraryFile(path: string): boolean {
  return path.includes(`${sep}node_modules${sep}`) || ownFolders.some((folder) => path.startsWith(`${folder}${sep}`))
}

/** `zod` of `zod/v4`, `@scope/name` of `@scope/name/part`. */
export function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
