import { Option, type Command } from 'commander'
import { asFailure } from './failure.ts'
import type { Io } from './io.ts'
import { createPrinter, type OutputFormat, type Printer } from './printer.ts'

/** What every command's action gets beside its own arguments. */
export interface Session {
  readonly io: Io
  readonly printer: Printer
  /** `--context`, if given. */
  readonly contextName: string | undefined
}

/** Adds one command, or one family of them, to the program. Each is a file of its own in `commands/`. */
export type Register = (program: Command, io: Io) => void

export const outputOption = () =>
  new Option('-o, --output <format>', 'text for people, json for machines').choices(['text', 'json']).default('text')
export const contextOption = () => new Option('--context <name>', 'the platform to use instead of the current one')

interface CommonOptions {
  readonly output?: OutputFormat
  readonly context?: string
}

const exitCodeKey = 'lightflus exit code'

/** The exit code that the action of a program has asked for, if it has. */
export function askedExitCode(program: Command): number | undefined {
  return program.getOptionValue(exitCodeKey) as number | undefined
}

/**
 * Wraps an action: `act` gets the session, the command's arguments, and its options. It may return an exit code; by
 * default a command that returns ends well, unless Ctrl-C was pressed. `act` must load what it needs by `import()`, so
 * that `--help` stays quick.
 */
export function action<Options extends object = object>(
  io: Io,
  act: (session: Session, args: readonly string[], options: Options) => Promise<number | void>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const options = command.optsWithGlobals<Options & CommonOptions>()
    const session = { io, printer: createPrinter(io, options.output ?? 'text'), contextName: options.context }
    try {
      const exitCode = await act(session, given.slice(0, -2).flat() as string[], options)
      if (exitCode !== undefined) rootOf(command).setOptionValue(exitCodeKey, exitCode)
    } catch (error) {
      throw asFailure(error)
    }
  }
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command
}
