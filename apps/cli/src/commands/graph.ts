import { Option } from 'commander'
import { action, type Register, type Session } from '../command.ts'

type GraphFormat = 'text' | 'json' | 'mermaid'

export const registerGraph: Register = (program, io) => {
  program
    .command('graph <program>')
    .summary("show a program's graph")
    .description('Show the graph that a program builds, without running it.')
    .addOption(
      new Option('-o, --output <format>', 'text for people, json for machines, mermaid for Markdown')
        .choices(['text', 'json', 'mermaid'])
        .default('text'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  lightflus graph orders.ts\n  lightflus graph orders.ts -o mermaid >> README.md',
    )
    .action(action<{ output: GraphFormat }>(io, (session, [path], { output }) => showGraph(session, path!, output)))
}

async function showGraph({ io, printer }: Session, program: string, format: GraphFormat): Promise<void> {
  const { validProgram } = await import('../local-check.ts')
  const { graphMermaid, graphText } = await import('../graph-text.ts')
  const { graph } = await validProgram({ io, printer, program, types: false })
  switch (format) {
    case 'json':
      return io.out(`${JSON.stringify(graph, null, 2)}\n`)
    case 'mermaid':
      return io.out(`${graphMermaid(graph)}\n`)
    case 'text':
      return io.out(`${graphText(printer.colors, graph)}\n`)
  }
}
