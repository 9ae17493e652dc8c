import preset from '../jest.preset.js'

const folder = import.meta.dirname

// Nothing here is built, so there is no `src`.
export default preset(folder, process.env.LIGHTFLUS_TESTS === 'k8s' ? {} : { testMatch: [`${folder}/**/*.spec.ts`] })
