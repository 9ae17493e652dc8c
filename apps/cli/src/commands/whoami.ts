import { action, contextOption, outputOption, type Register } from '../command.ts'
import { factsText } from '../printer.ts'

export const registerWhoami: Register = (program, io) => {
  program
    .command('whoami')
    .summary('who you are signed in as')
    .description('Show the platform, the tenant and the role that the credentials give.')
    .addOption(contextOption())
    .addOption(outputOption())
    .action(
      action(io, async ({ printer, contextName }) => {
        const { connectPlatform } = await import('../platform.ts')
        const platform = await connectPlatform(io, contextName)
        const principal = await platform.client.whoAmI({})
        printer.result({ url: platform.url, ...principal }, ({ url, email, kind, tenant, role }) =>
          factsText(printer.colors, [
            ['platform', url],
            ['tenant', tenant.name],
            ['as', email ?? kind],
            ['role', role],
          ]),
        )
      }),
    )
}
