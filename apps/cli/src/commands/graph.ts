import { Option } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { action, type Register, type Session } from '../command.ts'

interface GraphOptions {
  readonly output: 'text' | 'json' | 'mermaid'
  readonly parallelism: string
  readonly source: boolean
}

export const registerGraph: Register = (program, io) => {
  program
    .command('graph <program>')
    .summary("show a program's graph")
    .description(
      'Show the graph that a program builds, without running it: operators by the chains that they are fused into, ' +
        'the exchanges between chains, and what of each record the sources of JSON decode. With one subtask there are no ' +
        'exchanges but where streams meet.',
    )
    .addOption(
      new Option('-o, --output <format>', 'text for people, json for machines, mermaid for Markdown')
        .choices(['text', 'json', 'mermaid'])
        .default('text'),
    )
    .option('-p, --parallelism <subtasks>', 'subtasks of each chain', '2')
    .option('--source', 'show the code that is generated for each chain instead', false)
    .addHelpText(
      'after',
      '\nExamples:\n  lightflus graph orders.ts\n  lightflus graph orders.ts -o mermaid >> README.md',
    )
    .action(action<GraphOptions>(io, (session, [path], options) => showGraph(session, path!, options)))
}

async function showGraph(
  { io, printer }: Session,
  program: string,
  { output, parallelism, source }: GraphOptions,
): Promise<void> {
  const subtasks = wholeNumber('--parallelism', parallelism)
  const { validProgram } = await import('../local-check.ts')
  const { planJob } = await import('../plan-job.ts')
  const { graphJson, graphMermaid, graphText } = await import('../graph-text.ts')
  const { graph, bundle } = await validProgram({ io, printer, program, types: false })
  const plan = planJob(graph, subtasks)
  if (output === 'mermaid') return io.out(`${graphMermaid(graph, plan)}\n`)
  const { factsOf } = await import('../decodings.ts')
  const { decodings, sources } = (await factsOf(bundle, subtasks)) ?? {}
  if (source)
    return io.out(
      sources?.flatMap(({ texts }) => texts).join('\n') ?? '// The program could not be built with live functions.\n',
    )
  const text =
    output === 'json'
      ? JSON.stringify(graphJson(graph, plan, decodings), null, 2)
      : graphText(printer.colors, graph, plan, decodings)
  io.out(`${text}\n`)
}
