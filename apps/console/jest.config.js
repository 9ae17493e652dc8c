import preset from '../../jest.preset.js'

const { testMatch, ...base } = preset(import.meta.dirname)

/** The browser tests drive the built console from outside, so they are no part of its sources. */
export default { ...base, testMatch: testMatch.map((pattern) => pattern.replace('/src/', '/{src,e2e}/')) }
