import { action, contextOption, outputOption, type Register } from '../command.ts'
import { bytesText, tableText } from '../printer.ts'

interface UsageOptions {
  readonly from?: string
  readonly to?: string
  readonly job?: string
}

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
      action<UsageOptions>(io, async ({ printer, contextName }, _args, { from, to, job }) => {
        const { connectPlatform } = await import('../platform.ts')
        const { client } = await connectPlatform(io, contextName)
        const instant = (text: string) => new Date(text).toISOString()
        const usage = await client.getUsage({
          query: {
            ...(from ? { from: instant(from) } : {}),
            ...(to ? { to: instant(to) } : {}),
            ...(job ? { job } : {}),
          },
        })
        printer.result(usage, ({ hours, total }) =>
          hours.length === 0
            ? 'Nothing was used in this time.'
            : tableText(
                printer.colors,
                ['hour (UTC)', 'job', 'slot-seconds', 'records in', 'records out', 'bytes in', 'bytes out'],
                [
                  ...hours.map((row) => [row.hour.slice(0, 16).replace('T', ' '), row.job, ...amounts(row)]),
                  ['total', '', ...amounts(total)],
                ],
              ),
        )
      }),
    )
}

interface Amounts {
  readonly slotSeconds: number
  readonly recordsIn: number
  readonly recordsOut: number
  readonly bytesIn: number
  readonly bytesOut: number
}
const amounts = (use: Amounts): (string | number)[] => [
  Math.round(use.slotSeconds * 10) / 10,
  use.recordsIn,
  use.recordsOut,
  bytesText(use.bytesIn),
  bytesText(use.bytesOut),
]
