/** One reason why a checkpoint did not come to exist. */
export interface CheckpointFailureFacts {
  /** Whether subtasks had seen its barrier: if not, nothing outside the coordinator changed. */
  readonly touchedSubtasks: boolean
  /** The sentence that log, console and docs show. */
  readonly sentence: string
}

/** Every reason why a checkpoint was not started, or was given up. */
export const checkpointFailureReasons = {
  IN_PROGRESS: { touchedSubtasks: false, sentence: 'Another checkpoint was still in progress.' },
  ENDING: { touchedSubtasks: false, sentence: 'The attempt was ending: its final checkpoint covers it.' },
  SOURCES_FINISHED: {
    touchedSubtasks: false,
    sentence: 'All sources have been read to their end: the final checkpoint follows when the rest has finished.',
  },
  EXPIRED: { touchedSubtasks: true, sentence: 'Not every subtask acknowledged it in time.' },
  DECLINED: { touchedSubtasks: true, sentence: 'A subtask could not store its snapshot.' },
  MANIFEST_FAILED: { touchedSubtasks: true, sentence: 'Its manifest could not be written.' },
  ATTEMPT_FAILED: { touchedSubtasks: true, sentence: 'The attempt failed meanwhile.' },
} as const satisfies Record<string, CheckpointFailureFacts>

export type CheckpointFailureReason = keyof typeof checkpointFailureReasons
