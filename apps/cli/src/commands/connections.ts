import { LightflusError } from '@lightflus/api'
import { action, contextOption, outputOption, type Register, type Session } from '../command.ts'

interface SetOptions {
  readonly url?: string
  readonly file?: string
}

export const registerConnections: Register = (program, io) => {
  const family = program
    .command('connections')
    .summary('named addresses and secrets of outside systems')
    .description('List, set, test and delete connections. Secrets are stored encrypted and never shown again.')
  const sub = (usage: string, description: string) =>
    family.command(usage).description(description).addOption(contextOption()).addOption(outputOption())

  sub('list', 'List connections, without their secrets.').action(
    action(io, async (session) => {
      const { showConnections } = await import('../listings.ts')
      await showConnections(session, await connect(session.contextName))
    }),
  )
  sub(
    'set <name>',
    'Make or change a connection, from a URL or a JSON or YAML file. Without either, standard input is read.',
  )
    .option(
      '--url <url>',
      'kafka://host:port, mysql://user@host/database or redis://host:port; a password in it would stay in your shell history: prefer standard input',
    )
    .option('-f, --file <path>', 'JSON or YAML with kind and options')
    .addHelpText(
      'after',
      '\nExamples:\n  echo mysql://shop:secret@db.example.com/shop | lightflus connections set mysql\n  lightflus connections set kafka --url kafka://127.0.0.1:9092',
    )
    .action(action<SetOptions>(io, (session, [name], options) => set(session, name!, options)))
  sub('test <name>', 'Say what is wrong with a connection, if anything.').action(
    action(io, async ({ printer, contextName }, [name]) => {
      const { client } = await connect(contextName)
      const answer = await client.testConnection({ params: { name: name! } })
      printer.result(answer, ({ summary }) => (answer.ok ? `${printer.colors.green('ok')} ${summary}` : summary))
      if (!answer.ok)
        throw new LightflusError(
          (answer.code ?? 'LF_PLATFORM_ANSWER') as LightflusError['code'],
          answer.summary,
          answer.nextStep ? { nextStep: answer.nextStep } : {},
        )
    }),
  )
  sub('delete <name>', 'Delete a connection.').action(
    action(io, async ({ printer, contextName }, [name]) => {
      const { client } = await connect(contextName)
      await client.deleteConnection({ params: { name: name! } })
      printer.result({ deleted: name }, () => `Connection ${name} is deleted.`)
    }),
  )

  async function connect(contextName: string | undefined) {
    const { connectPlatform } = await import('../platform.ts')
    return connectPlatform(io, contextName)
  }
}

async function set({ io, printer, contextName }: Session, name: string, options: SetOptions): Promise<void> {
  const { connectionFrom, readConnectionFile } = await import('../connection-input.ts')
  const { connectPlatform } = await import('../platform.ts')
  const { client } = await connectPlatform(io, contextName)
  const given =
    options.url ?? (options.file ? await readConnectionFile(io.workingFolder, options.file) : await io.readInput())
  const connection = await client.putConnection({ params: { name }, body: await connectionFrom(name, given) })
  printer.result(connection, () => `Connection ${name} (${connection.kind}) is set.`)
  printer.note(printer.colors.dim(`Next: lightflus connections test ${name}`))
}
