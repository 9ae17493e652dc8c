/**
 * Bugs that a build of the protocol could have, each made in a double or around a port and never in what is shipped: the
 * simulation has to find every one of them.
 */
export const mutations = [
  /** A target applies output and does not note of which checkpoint. */
  'marker-forgotten',
  /** A snapshot counts as stored when it has only been sent. */
  'manifest-before-data',
  /** The target lets former attempts write on. */
  'no-fencing-in-target',
  /** Entries of the log replace one another. */
  'no-fencing-in-log',
  /** A claim leaves no checkpoint ids out. */
  'id-used-twice',
  /** A damaged checkpoint is passed over although output was committed since the one before. */
  'fallback-past-commit',
  /** Output becomes visible as soon as it is prepared. */
  'commit-before-entry',
  /** What the restored checkpoint promised is not committed. */
  'resume-forgotten',
  /** An aborted checkpoint's output is not in the next one. */
  'aborted-output-dropped',
  /** Files of all checkpoints but the newest are deleted, also those that it names. */
  'retention-too-eager',
  /** A segment of state is deleted with the checkpoint that it was stored for, also where others name it. */
  'shared-file-deleted-too-early',
  /** Segments of state are never deleted. */
  'shared-file-leaked',
] as const

export type Mutation = (typeof mutations)[number]
