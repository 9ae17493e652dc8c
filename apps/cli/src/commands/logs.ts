import { action, contextOption, outputOption, type Register } from '../command.ts'
import type { Colors } from '../printer.ts'
import { visibleText } from '../visible-text.ts'

interface LogsOptions {
  readonly follow?: boolean
  readonly tail: string
}
interface Line {
  readonly at: number
  readonly level: 'info' | 'warn' | 'error'
  readonly operator: string | null
  readonly message: string
}

export const registerLogs: Register = (program, io) => {
  program
    .command('logs <job>')
    .summary('log lines of a job')
    .description("What the job's program printed, and what its operators had to say.")
    .option('-f, --follow', 'go on with new lines until Ctrl-C')
    .option('-n, --tail <lines>', 'how many of the newest lines to begin with', '50')
    .addOption(contextOption())
    .addOption(outputOption())
    .action(
      action<LogsOptions>(io, async ({ printer, contextName }, [job], { follow, tail }) => {
        const { connectPlatform } = await import('../platform.ts')
        const { wholeNumber } = await import('../arguments.ts')
        const platform = await connectPlatform(io, contextName)
        const limit = Math.min(200, wholeNumber('--tail', tail))
        const { items } = await platform.client.listLogs({ params: { name: job! }, query: { limit } })
        const seen = new Set(items.map(({ id }) => id))
        const show = (line: Line) => printer.result(line, () => lineText(printer.colors, line))
        items.toReversed().forEach(show)
        if (items.length === 0 && !follow) printer.note(`Job ${job} has no log lines yet.`)
        if (!follow) return
        const { liveEvents } = await import('../live.ts')
        for await (const event of liveEvents({ platform, job: job!, signal: io.interrupted, onLost: printer.note }))
          if (event.type === 'logs') for (const line of event.lines) if (!seen.has(line.id)) show(line)
      }),
    )
}

function lineText(colors: Colors, { at, level, operator, message }: Line): string {
  const mark = { info: colors.dim('info '), warn: colors.yellow('warn '), error: colors.red('error') }[level]
  return `${colors.dim(new Date(at).toISOString())} ${mark} ${operator === null ? '' : `${colors.cyan(operator)} `}${visibleText(message)}`
}
