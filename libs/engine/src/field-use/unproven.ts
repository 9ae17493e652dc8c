/** Says that nothing can be told of a function; never leaves the analysis. Not an Error: it needs no stack. */
export class Unproven {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}
