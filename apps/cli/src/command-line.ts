import { processIo } from './process-io.ts'
import { runProgram } from './program.ts'

/** The command of a real process. @returns its exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  // Whoever reads our output may stop early (`lightflus logs | head`): that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return runProgram(processIo(), args)
}
