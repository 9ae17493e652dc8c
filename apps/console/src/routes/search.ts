/** Reading of search parameters: what is not understood is left out, since a person may type anything there. */
export type RawSearch = Readonly<Record<string, unknown>>

export function textOf(search: RawSearch, name: string): string | undefined {
  const value = search[name]
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function choiceOf<T extends string>(search: RawSearch, name: string, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === search[name])
}

export function numberOf(search: RawSearch, name: string): number | undefined {
  const value = Number(search[name] ?? Number.NaN)
  return Number.isSafeInteger(value) && value > 0 ? value : undefined
}

/** Only paths of the console: a link must not lead somebody who signs in to another site. */
export const returnPathOf = (target: string | undefined): string =>
  target && /^\/(?![/\\])/.test(target) ? target : '/jobs'
