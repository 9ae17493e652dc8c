import { join } from 'node:path'

/**
 * The Jest settings of every package. LIGHTFLUS_TESTS says which tests: `*.spec.ts` needs nothing but Node and is the
 * default; `all` adds `*.e2e.ts`, which needs the real services that `npm test` starts; `k8s` is `*.k8s.ts` alone,
 * which needs the Kubernetes cluster of KUBECONFIG.
 */
const patterns = {
  unit: ['<rootDir>/src/**/*.spec.ts?(x)'],
  all: ['<rootDir>/src/**/*.spec.ts?(x)', '<rootDir>/src/**/*.e2e.ts?(x)'],
  k8s: ['<rootDir>/src/**/*.k8s.ts'],
}
const chosen = process.env.LIGHTFLUS_TESTS ?? 'unit'
if (!(chosen in patterns))
  throw new Error(`LIGHTFLUS_TESTS is '${chosen}', known are ${Object.keys(patterns).join(', ')}`)

/** How long a test may take before it counts as hung; generous, since no test asserts on time. */
export const testTimeout = { unit: 60_000, all: 120_000, k8s: 300_000 }[chosen]

export default (dir, overrides = {}) => ({
  rootDir: dir,
  testMatch: patterns[chosen],
  testTimeout,
  setupFiles: [join(import.meta.dirname, 'jest.setup.js')],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  testEnvironmentOptions: { customExportConditions: ['@lf/source', 'node', 'node-addons'] },
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2024',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true, tsx: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, react: { runtime: 'automatic' } },
        },
      },
    ],
  },
  ...overrides,
})
