/** All packages in one run. A package's own settings are in its jest.config.js, what they share in jest.preset.js. */
export default { projects: ['<rootDir>/apps/*', '<rootDir>/libs/*'] }
