import { LightflusError } from '@lightflus/api'

/** @throws LF_CLI_USAGE when the text is not a whole number above 0. */
export function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw new LightflusError('LF_CLI_USAGE', `${option} takes a whole number above 0, not '${text}'.`)
}
