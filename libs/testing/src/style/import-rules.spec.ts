import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { temporaryFolder } from '../services/temporary-folder.ts'

const root = resolve(import.meta.dirname, '..', '..', '..', '..')

/** Path → text of a small repository in which each file breaks one rule, or none. */
const tree: Record<string, string> = {
  'package.json': '{ "type": "module" }',
  'libs/api/package.json': '{ "name": "@lightflus/api", "exports": "./src/index.ts" }',
  'libs/api/src/index.ts': 'export const one = 1',
  'libs/api/src/inner.ts': 'export const inner = 1',
  'libs/api/src/clock.ts': "import { hrtime } from 'node:process'\nexport const clock = hrtime",
  'libs/api/src/sum.ts': "import pick from 'picked'\nexport const sum = pick",
  'libs/api/src/upwards.ts': "import { two } from '@lightflus/engine'\nexport const upwards = two",
  'libs/api/src/upwards.spec.ts': "import { two } from '@lightflus/engine'\nexport const upwards = two",
  'libs/api/src/files.spec.ts': "import { readFileSync } from 'node:fs'\nexport const read = readFileSync",
  'libs/engine/package.json':
    '{ "name": "@lightflus/engine", "exports": "./src/index.ts", "dependencies": { "@lightflus/api": "1" } }',
  'libs/engine/src/index.ts': "import { one } from '@lightflus/api'\nexport const two = one + one",
  'libs/engine/src/deep.ts': "import { inner } from '../../api/src/inner.ts'\nexport const deep = inner",
  'libs/engine/src/left.ts': "import { right } from './right.ts'\nexport const left = () => right",
  'libs/engine/src/right.ts': "import { left } from './left.ts'\nexport const right = () => left",
  'libs/engine/src/heads.ts': "import type { Tails } from './tails.ts'\nexport type Heads = Tails | 1",
  'libs/engine/src/tails.ts': "import type { Heads } from './heads.ts'\nexport type Tails = Heads | 2",
  'libs/engine/src/lost.ts': "import { lost } from './nowhere.ts'\nexport const found = lost",
  'libs/runtime/package.json': '{ "name": "@lightflus/runtime", "devDependencies": { "picked": "1" } }',
  'libs/runtime/src/undeclared.ts': "import given from 'given'\nexport const undeclared = given",
  'libs/runtime/src/for-tests-only.ts': "import pick from 'picked'\nexport const forTestsOnly = pick",
  'libs/runtime/src/pick.spec.ts': "import pick from 'picked'\nexport const tested = pick",
  'apps/worker/package.json': '{ "name": "@lightflus/worker" }',
  'apps/worker/src/index.ts': 'export const worker = 1',
  'apps/cli/package.json': '{ "name": "@lightflus/cli" }',
  'apps/cli/src/borrow.ts': "import { worker } from '../../worker/src/index.ts'\nexport const borrow = worker",
  'node_modules/picked/package.json': '{ "name": "picked", "version": "1.0.0", "main": "index.js" }',
  'node_modules/picked/index.js': 'module.exports = 1',
  'node_modules/given/package.json': '{ "name": "given", "version": "1.0.0", "main": "index.js" }',
  'node_modules/given/index.js': 'module.exports = 1',
}

describe('the rules on imports', () => {
  // Goal: every rule is seen to fail once, so that none passes only because it matches nothing.
  it('report each import that goes the wrong way, and no other', async () => {
    await using folder = temporaryFolder('imports')
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true })
      writeFileSync(join(folder.path, path), text)
    }
    mkdirSync(join(folder.path, 'node_modules', '@lightflus'))
    for (const name of ['api', 'engine']) {
      symlinkSync(join('..', '..', 'libs', name), join(folder.path, 'node_modules', '@lightflus', name))
    }
    cpSync(join(root, '.dependency-cruiser.cjs'), join(folder.path, 'rules.cjs'))
    const command = join(root, 'node_modules', '.bin', 'depcruise')
    const args = [command, 'apps', 'libs', '--config', 'rules.cjs', '--output-type', 'json']
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' })
    expect(stderr).toBe('')
    const { violations } = (JSON.parse(stdout) as CruiseResult).summary
    const broken = violations.map(({ from, rule }) => `${from}: ${rule.name}`)
    expect([...new Set(broken)].sort()).toEqual([
      'apps/cli/src/borrow.ts: imports-of-apps-cli',
      'apps/cli/src/borrow.ts: no-app-imported',
      'apps/cli/src/borrow.ts: public-entry-only',
      'libs/api/src/clock.ts: isomorphic-parts-without-node',
      'libs/api/src/sum.ts: api-and-engine-without-packages',
      'libs/api/src/sum.ts: declared-dependency',
      'libs/api/src/upwards.spec.ts: imports-of-tests-in-libs-api',
      'libs/api/src/upwards.ts: imports-of-libs-api',
      'libs/engine/src/deep.ts: public-entry-only',
      'libs/engine/src/left.ts: no-cycle',
      'libs/engine/src/lost.ts: resolvable',
      'libs/runtime/src/for-tests-only.ts: shipped-code-without-dev-dependency',
      'libs/runtime/src/undeclared.ts: declared-dependency',
    ])
  })
})

interface CruiseResult {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
  }
}
