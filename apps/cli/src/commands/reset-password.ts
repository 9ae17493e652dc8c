import { action, type Register } from '../command.ts'

interface ResetPasswordOptions {
  readonly dataDir?: string
}

export const registerResetPassword: Register = (program, io) => {
  program
    .command('reset-password')
    .summary('make a new password for the demo of the platform on this machine')
    .description(
      'Make a new password for the demo tenant of the platform that runs on this machine, and print it. ' +
        'Whoever is signed in with the old one is signed out.',
    )
    .option('--data-dir <folder>', 'the data folder, as `lightflus up` was given it')
    .action(
      action<ResetPasswordOptions>(io, async (_session, _args, options) => {
        const { becomePlatformProgram } = await import('../up/platform-program.ts')
        becomePlatformProgram('reset-password', options.dataDir === undefined ? [] : ['--data-dir', options.dataDir])
      }),
    )
}
