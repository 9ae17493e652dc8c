import { action, type Register } from '../command.ts'

interface CreateTenantOptions {
  readonly dataDir?: string
}

export const registerCreateTenant: Register = (program, io) => {
  program
    .command('create-tenant <name> <email>')
    .summary('make a tenant on the platform on this machine')
    .description('Make a tenant with its owner on the platform that runs on this machine, and print how to sign in.')
    .option('--data-dir <folder>', 'the data folder, as `lightflus up` was given it')
    .action(
      action<CreateTenantOptions>(io, async (_session, [name, email], options) => {
        const { becomePlatformProgram } = await import('../up/platform-program.ts')
        const folder = options.dataDir === undefined ? [] : ['--data-dir', options.dataDir]
        becomePlatformProgram('create-tenant', [...folder, '--', name!, email!])
      }),
    )
}
