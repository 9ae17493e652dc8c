/**
 * `node dist/dev/bundle-command.js`, the last step of this package's build: writes the command and the threads that it
 * starts as a few files into `dist/bundle`. Loaded one by one, `lightflus run` reads eight hundred modules, half of them
 * twice, which takes longer than all else that it does at its start. See docs/decisions/0069.
 */
import { build, type Plugin } from 'esbuild'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { bundleFolder, digestOf, inputsFile } from '../bundle.ts'

const checkout = resolve(bundleFolder, '..', '..', '..', '..')

/**
 * What is loaded by name: the command, and each thread's first module. Each group is a build of its own: in one, what the
 * slot needs of the engine would be loaded by the command, too, which needs but the plan.
 */
const groups = [
  ['apps/cli/dist/command-line.js'],
  ['apps/cli/dist/decoding-thread.js', 'libs/runtime/dist/slot/slot-main.js'],
  ['libs/compiler/dist/graph/context-thread.js'],
  ['libs/compiler/dist/graph/sandbox-thread.js'],
  ['libs/compiler/dist/types/type-thread.js'],
].map((paths) => paths.map((path) => join(checkout, path)))
const entries = groups.flat()

/** Packages of others that become part of the bundle: small ones of plain JavaScript that each run loads. */
const included = /^(acorn|commander|picocolors|zod|@jridgewell\/.*)$/
/** Zod's messages in fifty languages, half of its code: the command shows English. */
const locales = /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/

/** `new URL(…'./x-thread.js', import.meta.url)`: the module that a thread begins with. */
const threadReference = /'(\.{1,2}\/[^']+\.js)'(?=,\s*import\.meta\.url\b)/g

/**
 * Leaves each module the place that it had, since it finds files by that (manifests, templates, packages); only threads
 * begin in the bundle.
 */
function placed(path: string, text: string): string {
  const place = `./${relative(bundleFolder, path).split(sep).join('/')}`
  return text
    .replace(threadReference, (_, reference: string) => {
      const entry = resolve(dirname(path), reference)
      if (!entries.includes(entry)) throw new Error(`${path} starts ${reference}, which is no entry of the bundle.`)
      return `'./${basename(entry)}'`.concat('/* in the bundle */')
    })
    .replace(/(\/\* in the bundle \*\/,\s*)?\bimport\.meta\.(url|dirname|main)\b/g, (found, thread, what) => {
      if (thread !== undefined) return found
      if (what === 'main') return 'false'
      return what === 'url'
        ? `new URL('${place}', import.meta.url).href`
        : `${'import.meta.dirname'} + '/${dirname(place)}'`
    })
}

const ofCommand: Plugin = {
  name: 'command',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) => {
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/')
      if (name.startsWith('@lightflus/') || included.test(name)) return undefined
      return { path, external: true }
    })
    onLoad({ filter: locales }, () => ({ contents: "export { default as en } from './en.js'", loader: 'js' }))
    onLoad({ filter: /[/\\]dist[/\\].*\.js$/ }, async ({ path }) => {
      if (path.includes(`${sep}node_modules${sep}`)) return undefined
      return { contents: placed(path, await readFile(path, 'utf8')), loader: 'js' }
    })
  },
}

await mkdir(bundleFolder, { recursive: true })
// Without this file the bundle is not used: see bundle.ts.
await rm(inputsFile, { force: true })
const builds = await Promise.all(
  groups.map((entryPoints) =>
    build({
      entryPoints,
      entryNames: '[name]',
      outdir: bundleFolder,
      absWorkingDir: checkout,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node26',
      minifyWhitespace: true,
      legalComments: 'none',
      // A text beyond Latin 1 takes two bytes a character, of the whole file in each thread's heap.
      charset: 'ascii',
      sourcemap: 'linked',
      sourcesContent: false,
      metafile: true,
      plugins: [ofCommand],
    }),
  ),
)

const paths = (part: 'inputs' | 'outputs'): readonly string[] =>
  builds.flatMap(({ metafile }) => Object.keys(metafile[part]))
const written = new Set(paths('outputs').map((path) => basename(path)))
for (const name of await readdir(bundleFolder)) if (!written.has(name)) await rm(join(bundleFolder, name))
const packages = new Set(paths('inputs').flatMap((path) => /^((?:apps|libs)\/[^/]+)\/dist\//.exec(path)?.[1] ?? []))
const packageBuilds = [...packages].toSorted().map((folder) => join(checkout, folder, 'dist', '.tsbuildinfo'))
const stated = packageBuilds.map((path) => [relative(bundleFolder, path), digestOf(path)])
await writeFile(inputsFile, JSON.stringify(Object.fromEntries(stated)))
