/**
 * The Jest settings of every package. `*.spec.ts` needs nothing but Node; `*.e2e.ts` needs the real services that
 * `npm test` starts and is left out unless LIGHTFLUS_TESTS=all.
 */
const all = process.env.LIGHTFLUS_TESTS === 'all'

export default (dir, overrides = {}) => ({
  rootDir: dir,
  testMatch: ['<rootDir>/src/**/*.spec.ts?(x)', ...(all ? ['<rootDir>/src/**/*.e2e.ts?(x)'] : [])],
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
