import { action, contextOption, outputOption, type Register } from '../command.ts'

export const registerDelete: Register = (program, io) => {
  program
    .command('delete <job>')
    .summary('delete a job that has ended')
    .description(
      'Delete a job with its versions, logs and checkpoints. Its deployment must have ended: stop or cancel it first.',
    )
    .option('-y, --yes', 'do not ask; without a terminal nothing is asked anyway')
    .addOption(contextOption())
    .addOption(outputOption())
    .action(
      action<{ yes?: boolean }>(io, async ({ printer, contextName }, [name], { yes }) => {
        const { connectPlatform } = await import('../platform.ts')
        if (
          io.interactive &&
          !yes &&
          (await io.ask(`Delete job ${name} with all it has? Type its name: `, false)) !== name
        )
          return printer.note('Nothing was deleted.')
        const { client } = await connectPlatform(io, contextName)
        await client.deleteJob({ params: { name: name! } })
        printer.result({ deleted: name }, () => `Job ${name} is deleted.`)
      }),
    )
}
