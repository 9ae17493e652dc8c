import type { Version } from '@lightflus/contracts'
import { graphSample, jobSample, now } from '../../testing/samples.ts'
import { presentVersion, presentVersions } from './presenter.ts'

const version = (number: number, more: Partial<Version> = {}): Version => ({
  version: number,
  createdAt: new Date(now - 3_600_000).toISOString(),
  createdBy: 'ada@shop.example',
  bundleSha256: String(number).repeat(64),
  graphHash: 'a'.repeat(64),
  graph: graphSample,
  program: { fileName: 'program.ts', text: 'one\ntwo' },
  diagnostics: [],
  ...more,
})

describe('versions', () => {
  test('say which one is deployed and where the graph changed', () => {
    const rows = presentVersions([version(3, { graphHash: 'b'.repeat(64) }), version(2), version(1)], jobSample(), now)
    expect(rows.map(({ deployed }) => deployed)).toEqual([false, true, false])
    expect(rows.map(({ graphChanged }) => graphChanged)).toEqual([true, false, false])
    expect(rows[0]).toMatchObject({ hash: '333333333333', created: '1\u202fh ago' })
  })

  test('one version tells its connections, and warnings by line', () => {
    const warning = { severity: 'warning' as const, code: 'LF_X', file: 'program.ts', column: 1 }
    const view = presentVersion(
      version(1, {
        diagnostics: [
          { ...warning, line: 2, message: 'No name.' },
          { ...warning, line: 2, message: 'No key.' },
          { ...warning, line: null, message: 'Odd.' },
        ],
      }),
      now,
    )
    expect([...view.notes]).toEqual([[2, 'No name. (LF_X) No key. (LF_X)']])
    expect(view.general).toEqual(['Odd. (LF_X)'])
    expect(view.facts.find(({ label }) => label === 'Connections')?.value).toBe('events, shop-db')
  })
})
