import { action, outputOption, type Register, type Session } from '../command.ts'

export const registerCheck: Register = (program, io) => {
  program
    .command('check <program>')
    .summary('check a program')
    .description(
      'Check a program without running it: syntax, imports, types, and the graph that it builds. All problems are listed at once.',
    )
    .option('--no-types', 'leave the types out')
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  lightflus check orders.ts\n  lightflus check orders.ts -o json')
    .action(action<{ types: boolean }>(io, (session, [path], { types }) => check(session, path!, types)))
}

async function check({ io, printer }: Session, program: string, types: boolean): Promise<void> {
  const { checkedProgram } = await import('../local-check.ts')
  const { diagnosticText, invalidProgram } = await import('../diagnostics.ts')
  const { diagnostics, graph, graphHash, connections, console } = await checkedProgram({ io, program, types })
  printer.result({ diagnostics, graph, graphHash, connections, console }, () =>
    [
      ...diagnostics.map((diagnostic) => diagnosticText(printer.colors, diagnostic)),
      ...console.map((line) => printer.colors.dim(`console: ${line}`)),
      ...(graph ? [`${printer.colors.green('Valid')}: job ${graph.job}, ${graph.operators.length} operators.`] : []),
      ...connections.map(
        ({ name, connector, operators }) => `It needs connection ${name} (${connector}) for ${operators.join(', ')}.`,
      ),
    ].join('\n'),
  )
  if (graph === null) throw invalidProgram(program, diagnostics)
  printer.note(printer.colors.dim(`Next: lightflus run ${program}`))
}
