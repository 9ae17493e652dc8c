/** What this needs of the file that `jest --json --outputFile` writes. */
export interface JestResults {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  /** Files that did not load, so that their tests are counted nowhere else. */
  readonly numRuntimeErrorTestSuites: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** 'file › test' of each that failed. */
  readonly failures: readonly string[]
}

/** The sums of a run. A file that did not load counts as one failed test. */
export function countTests(results: JestResults, root: string): TestCounts {
  const failures = results.testResults.flatMap((file) => {
    const name = file.name.startsWith(root) ? file.name.slice(root.length + 1) : file.name
    const failed = file.assertionResults.filter((test) => test.status === 'failed')
    if (failed.length > 0) return failed.map((test) => `${name} › ${test.fullName}`)
    return file.status === 'failed' ? [`${name} did not load or did not end`] : []
  })
  return {
    passed: results.numPassedTests,
    failed: failures.length,
    skipped: results.numPendingTests + results.numTodoTests,
    failures,
  }
}
