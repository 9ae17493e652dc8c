import { describe, expect, it } from '@jest/globals'
import { nodeMajorMin, platformProgram } from './platform-program.ts'

describe('the programs behind up and reset-password', () => {
  it('refuse a Node.js that is too old, saying which is needed', () => {
    for (const version of ['20.19.2', `${nodeMajorMin - 1}.9.9`])
      expect(() => platformProgram('embedded', version)).toThrow(
        expect.objectContaining({ code: 'LF_UP_NODE_TOO_OLD', message: expect.stringContaining(version) }),
      )
  })

  it('lie in the control plane', () => {
    expect(platformProgram('embedded', process.versions.node)).toMatch(/control-plane.*embedded.main\.[jt]s$/)
    for (const program of ['reset-password', 'create-tenant'] as const)
      expect(platformProgram(program, process.versions.node)).toMatch(`${program}.`)
  })
})
