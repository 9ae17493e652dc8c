/** Says that nothing can be told of a function; never leaves the analysis. Not an Error: it needs no stack. */
export class Unproven {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

const codeLengthMax = 50

/** A reason with its place in a text. */
export function reasonAt(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  what: string,
): string {
  const code = text.slice(start, end).replace(/\s+/g, ' ')
  return `${code.length > codeLengthMax ? `${code.slice(0, codeLengthMax)}…` : code}: ${what}`
}
