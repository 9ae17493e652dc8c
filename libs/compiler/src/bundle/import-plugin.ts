import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { basename } from 'node:path'
import type { Message, OnResolveResult, Plugin, PluginBuild } from 'esbuild'
import { isLibraryFile, packageOf, platformFolder, platformPackages } from '../platform.ts'
import type { Program } from '../program.ts'

/** Where the text of a single program lives among esbuild's files. */
const programNamespace = 'program'
const importDetail = 'lightflus-import'

/** Whether an error of a build is one that a plugin of this file, or a module that was not found, made. */
export function isImportFailure({ detail, text }: Pick<Message, 'detail' | 'text'>): boolean {
  return detail === importDetail || text.startsWith('Could not resolve')
}

/** The author's name of a file that esbuild names `program:word-count.ts`. */
export function programFileName(path: string): string {
  return path.replace(new RegExp(`^${programNamespace}:`), '')
}

/** Serves one program from its text, and lets it import nothing but what the platform has. */
export function programImports(program: Program): Plugin {
  return {
    name: 'lightflus-program',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, kind, namespace }) => {
        if (kind === 'entry-point') return { path, namespace: programNamespace }
        if (namespace !== programNamespace) return undefined
        if (!(platformPackages as readonly string[]).includes(packageOf(path))) return refuse(path)
        return build.resolve(path, { kind, resolveDir: platformFolder })
      })
      build.onLoad({ filter: /.*/, namespace: programNamespace }, () => ({
        contents: program.text,
        loader: program.fileName.endsWith('x') ? 'tsx' : 'ts',
      }))
      loadLibraries(build, /\blocales\b/.test(program.text))
    },
  }
}

/** Lets a program of a folder import its own files and packages; `lightflus` and `zod` come from the platform if it has none. */
export function projectImports(): Plugin {
  return {
    name: 'lightflus-project',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
        if (kind === 'entry-point' || pluginData === importDetail) return undefined
        if (isBuiltin(path) && (path.startsWith('node:') || !isLibraryFile(importer))) return refuse(path)
        if (!(platformPackages as readonly string[]).includes(packageOf(path)))
          return isBuiltin(path) ? refuse(path) : undefined
        const own = await build.resolve(path, { kind, resolveDir, importer, pluginData: importDetail })
        return own.errors.length === 0
          ? own
          : build.resolve(path, { kind, resolveDir: platformFolder, pluginData: importDetail })
      })
      loadLibraries(build, true)
    },
  }
}

function refuse(path: string): OnResolveResult {
  return { errors: [{ text: refusal(path), detail: importDetail }] }
}

/** Why a program may not import something, and what it may. */
export function refusal(path: string): string {
  if (isBuiltin(path))
    return `'${path}' is a module of Node; a program has no access to it. Outside systems are reached through connectors.`
  if (/^\.{0,2}\//.test(path)) return `'${path}' is another file; a program on the platform is one file.`
  return `'${path}' cannot be imported; a program on the platform may import ${platformPackages.map((name) => `'${name}'`).join(' and ')}.`
}

/** Its one mapping stands for the whole file, so the bundle's map says nothing of a library but that it is one. */
const libraryMap = Buffer.from(JSON.stringify({ version: 3, sources: ['~'], mappings: 'AAAA' })).toString('base64')

/** Whether an entry of a source map's `sources` stands for a library file. */
export function isLibrarySource(source: string): boolean {
  return basename(source) === '~'
}

/**
 * Loads files of packages without mappings of their own: they would make up nearly all of a bundle's map, and no author
 * looks for a mistake there. Zod's messages in 50 languages, half of its code, are left out where no file of the program
 * names `locales`, the only way to get at them.
 */
function loadLibraries(build: PluginBuild, withLocales: boolean): void {
  build.onLoad({ filter: /\.[cm]?js$/, namespace: 'file' }, async ({ path }) => {
    if (!isLibraryFile(path)) return undefined
    const text =
      !withLocales && /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/.test(path)
        ? "export { default as en } from './en.js'"
        : await readFile(path, 'utf8')
    return {
      contents: `${text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '')}\n//# sourceMappingURL=data:application/json;base64,${libraryMap}`,
      loader: 'js',
    }
  })
}
