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
  /** A record between workers is taken once more where it comes once more. */
  'exchange-repeats-taken',
  /** Nobody asks for a record between workers that is missing. */
  'exchange-gap-ignored',
  /** What workers sent each other in a former attempt is taken for the present one's. */
  'old-attempt-heard',
  /** A coordinator that was superseded looks to its workers as one that has just begun. */
  'workers-taken-back',
  /** Of two processes of one worker both run its slots. */
  'worker-twice',
  /** A process that was superseded claims the job for its next attempt. */
  'claimed-back',
  /** Going on from a checkpoint is not refused where output came after it. */
  'from-repeats-output',
  /** A next version takes values of the former one as they are. */
  'state-not-migrated',
] as const

export type Mutation = (typeof mutations)[number]

const betweenWorkers: readonly Mutation[] = [
  'exchange-repeats-taken',
  'exchange-gap-ignored',
  'old-attempt-heard',
  'workers-taken-back',
  'worker-twice',
]

/** Whether only a job over several workers can show it. */
export function isBetweenWorkers(mutation: Mutation | undefined): boolean {
  return mutation !== undefined && betweenWorkers.includes(mutation)
}
