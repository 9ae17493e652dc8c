import { Argument } from 'commander'
import { action, type Register } from '../command.ts'
import type { Shell } from '../completion/completion-script.ts'

export const registerCompletion: Register = (program, io) => {
  program
    .command('completion')
    .summary('make a shell complete commands')
    .description('Print a script that makes a shell complete the commands and options of lightflus.')
    .addArgument(new Argument('<shell>', 'the shell it is for').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\nExample:\n  echo "source <(lightflus completion bash)" >> ~/.bashrc')
    .action(
      action(io, async (_session, [shell]) => {
        const { completionPaths } = await import('../completion/completion-words.ts')
        const { completionScript } = await import('../completion/completion-script.ts')
        io.out(completionScript(shell as Shell, completionPaths(program)))
      }),
    )
}
