/**
 * One reader's share of a file that several read: of its pieces (blocks of bytes, or row groups) numbers `lane`,
 * `lane + lanes` and so on. Neighbouring pieces are so read at about the same time, and event time goes on evenly. How
 * many lanes a file has is settled at the job's first start and kept in its checkpoints.
 */
export interface Lane {
  readonly lane: number
  readonly lanes: number
}

export const wholeFile: Lane = { lane: 0, lanes: 1 }

/** The partition's name. */
export const laneName = (path: string, { lane, lanes }: Lane): string =>
  lanes === 1 ? path : `${path} (${lane + 1} of ${lanes})`
