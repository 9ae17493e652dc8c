import { action, contextOption, outputOption, type Register } from '../command.ts'

export const registerLogout: Register = (program, io) => {
  program
    .command('logout')
    .summary('sign out of the current platform')
    .description('End the session at the platform and forget its credentials.')
    .addOption(contextOption())
    .addOption(outputOption())
    .action(
      action(io, async ({ printer, contextName }) => {
        const { createClient } = await import('@lightflus/contracts')
        const { chosenContext, forgetContext } = await import('../contexts.ts')
        const { name, context } = await chosenContext(io, contextName)
        if (context.refreshToken)
          await createClient({ baseUrl: context.url }).signOut({ body: { refreshToken: context.refreshToken } })
        if (name !== null) await forgetContext(io, name)
        printer.result({ signedOut: context.url }, () => `Signed out of ${context.url}.`)
      }),
    )
}
