import { Option } from 'commander'

/** Of the commands that start a job from its state. */
export const acceptRepeatsOption = (): Option =>
  new Option(
    '--accept-repeats',
    'with --from: sinks may write again what they may have committed since then, exactly once',
  )

export const dropStateOption = (): Option =>
  new Option(
    '--drop-state <operator>',
    'drop what an operator remembered that the program does not have any more, or operator/state: what one state did that it cannot take; repeatable; all: of all of them',
  ).argParser((operator, before: string[] | undefined) => [...(before ?? []), operator])
