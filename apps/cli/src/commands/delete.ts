import { action, contextOption, type Register } from '../command.ts'

export const registerDelete: Register = (program, io) => {
  program
    .command('delete <job>')
    .summary('delete a job that has ended')
    .description(
      'Delete a job with its versions, logs and checkpoints. Its deployment must have ended: stop or cancel it first.',
    )
    .addOption(contextOption())
    .action(
      action(io, async ({ printer, contextName }, [name]) => {
        const { connectPlatform } = await import('../platform.ts')
        const { client } = await connectPlatform(io, contextName)
        await client.deleteJob({ params: { name: name! } })
        printer.result({ deleted: name }, () => `Job ${name} is deleted.`)
      }),
    )
}
