import type { Command } from 'commander'

/** What may follow a path of commands, such as `connections set`; the empty path is the command itself. */
export interface CompletionPath {
  readonly path: string
  readonly words: readonly CompletionWord[]
}

export interface CompletionWord {
  readonly word: string
  readonly description: string
}

/** Every path of commands with the words that may follow it: sub-commands, choices of arguments, options. */
export function completionPaths(command: Command, path = ''): readonly CompletionPath[] {
  const visible = command.createHelp()
  const commands = visible.visibleCommands(command)
  const words = [
    ...commands.map((each) => ({ word: each.name(), description: each.summary() || each.description() })),
    ...command.registeredArguments.flatMap(({ argChoices, description }) =>
      (argChoices ?? []).map((word) => ({ word, description })),
    ),
    ...visible.visibleOptions(command).flatMap(({ long, description }) => (long ? [{ word: long, description }] : [])),
  ]
  return [
    { path, words },
    ...commands
      .filter((each) => each.name() !== 'help')
      .flatMap((each) => completionPaths(each, path === '' ? each.name() : `${path} ${each.name()}`)),
  ]
}
