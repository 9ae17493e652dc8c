import { deploymentStateFacts, deploymentStates } from '@lightflus/contracts'
import { jobSample } from '../../testing/samples.ts'
import { presentJobHeader } from './header-presenter.ts'

const verbsOf = (state: (typeof deploymentStates)[number] | null) => {
  const { primary, others } = presentJobHeader(jobSample({ state }))
  return { primary: primary?.verb ?? null, others: others.map(({ verb }) => verb) }
}

describe('the head of a job', () => {
  test('offers what the state allows, the harmless one first', () => {
    expect(verbsOf('RUNNING')).toEqual({ primary: 'suspend', others: ['stop', 'drain', 'cancel'] })
    expect(verbsOf('SUSPENDED')).toEqual({ primary: 'resume', others: ['stop', 'cancel'] })
    expect(verbsOf('FAILED')).toEqual({ primary: null, others: [] })
    expect(verbsOf(null)).toEqual({ primary: null, others: [] })
  })

  test('asks before every verb that cannot be taken back', () => {
    for (const state of deploymentStates) {
      const { primary, others } = presentJobHeader(jobSample({ state }))
      expect(primary?.confirm ?? null).toBeNull()
      for (const verb of others) expect(verb.confirm).toMatch(/end/)
    }
  })

  test('lets only what has ended be deleted', () => {
    for (const state of deploymentStates)
      expect(presentJobHeader(jobSample({ state })).canDelete).toBe(deploymentStateFacts[state].terminal)
    expect(presentJobHeader(jobSample({ state: null })).canDelete).toBe(true)
  })
})
