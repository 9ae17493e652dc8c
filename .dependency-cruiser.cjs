/**
 * Which way imports point (CONTRIBUTING.md draws it). Rules are made from the table below; each says in its comment
 * what to do instead.
 */

/** Part → the parts that it may import. */
const allowed = {
  'libs/api': [],
  'libs/engine': ['libs/api'],
  'libs/connectors': ['libs/api', 'libs/engine'],
  'libs/storage': ['libs/api', 'libs/engine'],
  'libs/runtime': ['libs/api', 'libs/engine', 'libs/connectors', 'libs/storage'],
  'libs/compiler': ['libs/api', 'libs/lightflus'],
  'libs/contracts': ['libs/api'],
  'libs/testing': ['libs/api', 'libs/engine'],
  'libs/lightflus': ['libs/api', 'libs/testing'],
  'apps/worker': ['libs/api', 'libs/engine', 'libs/connectors', 'libs/storage', 'libs/runtime', 'libs/contracts'],
  'apps/cli': [
    'libs/api',
    'libs/engine',
    'libs/connectors',
    'libs/storage',
    'libs/runtime',
    'libs/compiler',
    'libs/contracts',
  ],
  'apps/control-plane': [
    'libs/api',
    'libs/engine',
    'libs/connectors',
    'libs/storage',
    'libs/compiler',
    'libs/contracts',
  ],
  'apps/console': ['libs/api', 'libs/engine', 'libs/contracts'],
}

/** Files that are no part of what is shipped: they may also use libs/testing, and Node. */
const tests = String.raw`\.(spec|e2e|k8s|contract|fixture)\.tsx?$|/(testing|dev|e2e)/|^libs/testing/|\.config\.js$`

/** What other parts may import of a library: the files that its package.json exports. */
const entries = [
  String.raw`^libs/[^/]+/src/index\.ts$`,
  String.raw`^libs/testing/src/services/index\.ts$`,
  String.raw`^libs/storage/src/testing/faulty-storage\.ts$`,
]

const directions = Object.entries(allowed).map(([part, parts]) => ({
  name: `imports-of-${part.replace('/', '-')}`,
  comment: `${part} may import ${parts.join(', ') || 'no other part'}. Move what is shared to one of these.`,
  severity: 'error',
  from: { path: `^${part}/`, pathNot: tests },
  to: { path: '^(libs|apps)/', pathNot: [part, ...parts].map((allowedPart) => `^${allowedPart}/`) },
}))

/** What tests of a part may import beside that: a worker's tests host programs as the platform makes them. */
const allowedToTests = { 'apps/worker': ['libs/compiler'] }

const testDirections = Object.entries(allowed)
  .map(([part, parts]) => [part, [...parts, ...(allowedToTests[part] ?? [])]])
  .map(([part, parts]) => ({
    name: `imports-of-tests-in-${part.replace('/', '-')}`,
    comment: `Tests of ${part} may import ${[...parts, 'libs/testing'].join(', ')}.`,
    severity: 'error',
    from: { path: `^${part}/.*(${tests})` },
    to: {
      path: '^(libs|apps)/',
      pathNot: [part, 'libs/testing', ...parts].map((allowedPart) => `^${allowedPart}/`),
    },
  }))

module.exports = {
  forbidden: [
    ...directions,
    ...testDirections,
    {
      name: 'no-app-imported',
      comment: 'An app is a shell: move what is shared into a library.',
      severity: 'error',
      from: { path: '^((?:libs|apps)/[^/]+)/' },
      to: { path: '^apps/', pathNot: '^$1/' },
    },
    {
      name: 'public-entry-only',
      comment: "Import another part by its package's name: what it exports is what it promises.",
      severity: 'error',
      from: { path: '^((?:libs|apps)/[^/]+)/' },
      to: { path: '^(libs|apps)/', pathNot: ['^$1/', ...entries] },
    },
    {
      name: 'no-cycle',
      comment: 'Move what both need into a file of its own. (Cycles of types alone vanish when run and are allowed.)',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'isomorphic-parts-without-node',
      comment: 'This runs in browsers too: take time, storage and network from the caller.',
      severity: 'error',
      from: { path: '^(libs/(api|engine|contracts)|apps/console)/src/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'api-and-engine-without-packages',
      comment: 'Programs bundle the API, and slots load the engine in milliseconds: neither has a dependency.',
      severity: 'error',
      from: { path: '^libs/(api|engine)/src/', pathNot: tests },
      to: { path: '(^|/)node_modules/' },
    },
    {
      name: 'test-harness-runs-anywhere',
      comment: 'Users test under any runner, in browsers too: the harness imports API and engine, and nothing else.',
      severity: 'error',
      from: { path: String.raw`^libs/testing/src/(harness/|index\.ts)`, pathNot: String.raw`\.spec\.ts$` },
      to: {
        path: '^',
        pathNot: [String.raw`^libs/testing/src/harness/`, String.raw`^libs/(api|engine)/src/index\.ts$`],
      },
    },
    {
      name: 'declared-dependency',
      comment:
        "Add the package to this package's own package.json: `npm run add -- -E -w <workspace> <name>@<version>`.",
      severity: 'error',
      from: { path: '^(libs|apps)/[^/]+/src/', pathNot: tests },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'shipped-code-without-dev-dependency',
      comment: 'What runs outside tests must be in dependencies, not devDependencies.',
      severity: 'error',
      from: { path: '^(libs|apps)/[^/]+/src/', pathNot: [tests, '^apps/console/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'] },
    },
    {
      name: 'resolvable',
      comment: 'The imported file or package is not there.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: String.raw`/dist/|/generated/|/node_modules/\.|^apps/cli/template/` },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    parser: 'tsc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@lf/source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json', '.css'],
    },
  },
}
