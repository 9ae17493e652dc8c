import { Command, CommanderError } from 'commander'
import { asFailure, failureText } from './failure.ts'
import { exitCodeOf, exitCodes } from './exit-code.ts'
import { createPrinter } from './printer.ts'
import type { Io } from './io.ts'
import { askedExitCode } from './command.ts'
import { commands } from './commands/index.ts'
import { versionText } from './version.ts'

/** The whole command line, as data: also what the reference page and the completion are made from. */
export function createProgram(io: Io): Command {
  const program = new Command('lightflus')
    .description('Dataflow jobs in TypeScript: run them here, or on a platform.')
    .version(versionText(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Begin with:
  lightflus init my-job          a new project
  lightflus run program.ts       run a program here and now, no platform
  lightflus up                   start a platform on this machine

Exit codes: 0 all is well, 1 program or request is wrong, 2 command line is wrong, 3 something outside did not answer,
4 a fault of Lightflus, 130 interrupted.`,
    )
  for (const register of commands) register(program, io)
  return program
}

/** Runs one command line. @returns the exit code; never throws. */
export async function runProgram(io: Io, args: readonly string[]): Promise<number> {
  const program = createProgram(io)
  try {
    await program.parseAsync(args, { from: 'user' })
    return askedExitCode(program) ?? (io.interrupted.aborted ? exitCodes.interrupted : exitCodes.ok)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    const failure = asFailure(error)
    const json = /(^| )(-o|--output)[ =]?json( |$)/.test(args.join(' '))
    const { colors } = createPrinter(io, 'text')
    io.err(json ? `${JSON.stringify(failure)}\n` : failureText(failure.toJSON(), colors))
    return failure.code === 'LF_CLI_USAGE' ? exitCodes.usage : exitCodeOf(failure.domain)
  }
}
