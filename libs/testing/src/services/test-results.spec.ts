import { countTests, type JestResults } from './test-results.ts'

const results: JestResults = {
  numPassedTests: 7,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 1,
  testResults: [
    { name: '/repo/libs/a.spec.ts', status: 'passed', message: '', assertionResults: [] },
    {
      name: '/repo/libs/b.spec.ts',
      status: 'failed',
      message: '…',
      assertionResults: [
        { status: 'passed', fullName: 'b works' },
        { status: 'failed', fullName: 'b stops' },
      ],
    },
    { name: '/repo/libs/c.spec.ts', status: 'failed', message: 'SyntaxError', assertionResults: [] },
  ],
}

describe('countTests', () => {
  it('counts a file that did not load as a failed test and names what failed', () => {
    expect(countTests(results, '/repo')).toEqual({
      passed: 7,
      failed: 2,
      skipped: 3,
      failures: ['libs/b.spec.ts › b stops', 'libs/c.spec.ts did not load or did not end'],
    })
  })
})
