import { testTimeout } from './jest.preset.js'

/**
 * All packages in one run. A package's own settings are in its jest.config.js, what they share in jest.preset.js; in a
 * run of several packages Jest takes the timeout from here alone.
 */
export default { projects: ['<rootDir>/apps/*', '<rootDir>/libs/*', '<rootDir>/bench'], testTimeout }
