import { action, contextOption, outputOption, type Register } from '../command.ts'
import { tableText, type Colors } from '../printer.ts'
import { visibleText } from '../visible-text.ts'

interface Row {
  readonly sink: string
  readonly row: Readonly<Record<string, unknown>>
}
interface FollowedRow {
  readonly sink: string
  readonly key: string | null
  /** Null: the row of this key is gone. */
  readonly row: Row['row'] | null
}

export const registerRows: Register = (program, io) => {
  program
    .command('rows <job>')
    .summary('newest result rows of a job')
    .description("The newest rows of a job's table sinks.")
    .option('-f, --follow', 'go on with new rows until Ctrl-C')
    .addOption(contextOption())
    .addOption(outputOption())
    .action(
      action<{ follow?: boolean }>(io, async ({ printer, contextName }, [job], { follow }) => {
        const { connectPlatform } = await import('../platform.ts')
        const platform = await connectPlatform(io, contextName)
        const { items } = await platform.client.listRows({ params: { name: job! }, query: { limit: 100 } })
        if (!follow) {
          if (items.length === 0) printer.note(`Job ${job} has no result rows yet: they come from table sinks.`)
          return printer.result(items, (rows) => sinksText(printer.colors, rows))
        }
        const { liveEvents } = await import('../live.ts')
        for await (const event of liveEvents({ platform, job: job!, signal: io.interrupted, onLost: printer.note }))
          if (event.type === 'rows')
            for (const row of event.rows) printer.result(row, () => rowText(printer.colors, row))
      }),
    )
}

const cell = (value: unknown): string => visibleText(typeof value === 'string' ? value : JSON.stringify(value))
const rowText = (colors: Colors, { sink, key, row }: FollowedRow): string =>
  `${colors.cyan(sink)} ${
    row === null
      ? `${visibleText(key ?? '')} ${colors.dim('is gone')}`
      : Object.entries(row)
          .map(([column, value]) => `${colors.dim(`${visibleText(column)}=`)}${cell(value)}`)
          .join(' ')
  }`

/** A table for each sink. */
function sinksText(colors: Colors, rows: readonly Row[]): string {
  return [...Map.groupBy(rows, ({ sink }) => sink)]
    .map(([sink, ofSink]) => {
      const columns = [...new Set(ofSink.flatMap(({ row }) => Object.keys(row)))]
      return `${colors.bold(sink)}\n${tableText(
        colors,
        columns.map(visibleText),
        ofSink.map(({ row }) =>
          columns.map((column) =>
            typeof row[column] === 'number' ? (row[column] as number) : cell(row[column] ?? ''),
          ),
        ),
      )}`
    })
    .join('\n\n')
}
