import { LightflusError } from '@lightflus/api'

/** A marker stands before where it was left, or somewhere that nobody has put it. */
export const markerLost = (
  operator: string,
  { subtask, found, expected }: { readonly subtask: number; readonly found: number; readonly expected: number },
): LightflusError =>
  new LightflusError(
    'LF_SINK_COMMIT_LOST',
    `Operator ${operator}: the marker of subtask ${subtask} in the target stands at checkpoint ${found}, but it was at ${expected}`,
    {
      details: { operator, subtask, found, expected },
      nextStep:
        'See whether the target was emptied or restored from a copy; start the job afresh, or from a savepoint that is no newer than the target.',
    },
  )

export const markerFenced = (operator: string, mine: number, other: number): LightflusError =>
  new LightflusError(
    'LF_ATTEMPT_FENCED',
    `Operator ${operator}: attempt ${other} writes what attempt ${mine}, running here, was about to write`,
    { details: { operator, attempt: mine } },
  )
