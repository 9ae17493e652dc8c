/** What a sink had to show, and what it showed: the same texts, in whatever order. */
export interface Shown {
  readonly expected: readonly string[]
  readonly seen: readonly string[]
}

/** How what a sink shows differs from what it must show. */
export interface Difference {
  readonly records: number
  readonly missing: number
  readonly doubled: number
  /** Such as no input gives: of state that lost or repeated a record. */
  readonly wrong: number
  /** A few of those that are one of the three. */
  readonly examples: readonly string[]
}

/** By sink. */
export type Verdict = Readonly<Record<string, Difference>>

const examplesMax = 5

export function compare(shown: Readonly<Record<string, Shown>>): Verdict {
  return Object.fromEntries(Object.entries(shown).map(([sink, each]) => [sink, differenceOf(each)]))
}

function differenceOf({ expected, seen }: Shown): Difference {
  const times = new Map<string, number>(expected.map((text) => [text, 0]))
  const wrong = seen.filter((text) => !times.has(text))
  for (const text of seen) if (times.has(text)) times.set(text, times.get(text)! + 1)
  const missing = [...times].filter(([, count]) => count === 0).map(([text]) => text)
  const doubled = [...times].filter(([, count]) => count > 1).map(([text]) => text)
  const examples = Object.entries({ missing, doubled, wrong }).flatMap(([what, texts]) =>
    texts.slice(0, examplesMax).map((text) => `${what}: ${text}`),
  )
  return {
    records: seen.length,
    missing: missing.length,
    doubled: doubled.reduce((sum, text) => sum + times.get(text)! - 1, 0),
    wrong: wrong.length,
    examples,
  }
}

export function isExact(verdict: Verdict): boolean {
  return Object.values(verdict).every(({ missing, doubled, wrong }) => missing + doubled + wrong === 0)
}
