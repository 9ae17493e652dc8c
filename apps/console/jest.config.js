import preset from '../../jest.preset.js'

const base = preset(import.meta.dirname)

/** The browser tests stand in a folder of their own: they drive the built console, so they are no part of its sources. */
export default {
  ...base,
  testMatch: [
    '<rootDir>/src/**/*.spec.ts?(x)',
    '<rootDir>/dev/**/*.spec.ts',
    ...(process.env.LIGHTFLUS_TESTS === 'all' ? ['<rootDir>/e2e/**/*.e2e.ts'] : []),
  ],
}
