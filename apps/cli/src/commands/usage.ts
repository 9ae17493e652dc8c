import { action, contextOption, outputOption, type Register } from '../command.ts'
import type { UsageFilter } from '../listings.ts'

export const registerUsage: Register = (program, io) => {
  program
    .command('usage')
    .summary('metered use by job and hour')
    .description('What the jobs of the tenant used: slot-seconds, records and bytes, by hour (UTC).')
    .option('--from <instant>', 'ISO 8601; default: 24 hours ago')
    .option('--to <instant>', 'ISO 8601; default: now')
    .option('--job <name>', 'only this job')
    .addOption(contextOption())
    .addOption(outputOption())
    .action(
      action<UsageFilter>(io, async (session, _args, filter) => {
        const { connectPlatform } = await import('../platform.ts')
        const { showUsage } = await import('../listings.ts')
        await showUsage(session, await connectPlatform(io, session.contextName), filter)
      }),
    )
}
