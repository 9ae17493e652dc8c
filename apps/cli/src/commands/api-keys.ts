import { Option } from 'commander'
import { action, contextOption, outputOption, type Register } from '../command.ts'

interface CreateOptions {
  readonly role: 'admin' | 'developer' | 'viewer'
  readonly expires: string
}

export const registerApiKeys: Register = (program, io) => {
  const family = program
    .command('api-keys')
    .summary('keys for scripts and CI')
    .description('List, create and delete API keys of the tenant.')
  const sub = (usage: string, description: string) =>
    family.command(usage).description(description).addOption(contextOption()).addOption(outputOption())

  sub('list', 'List keys; the keys themselves are never shown again.').action(
    action(io, async (session) => {
      const { showApiKeys } = await import('../listings.ts')
      await showApiKeys(session, await connect(session.contextName))
    }),
  )
  sub('create <name>', 'Make a key; it is shown this once.')
    .addOption(
      new Option('--role <role>', 'what the key may do').choices(['admin', 'developer', 'viewer']).default('developer'),
    )
    .option('--expires <days>', 'days until it expires, or never', '90')
    .action(
      action<CreateOptions>(io, async ({ printer, contextName }, [name], { role, expires }) => {
        const { wholeNumber } = await import('../arguments.ts')
        const { client } = await connect(contextName)
        const expiresInDays = expires === 'never' ? null : wholeNumber('--expires', expires)
        const created = await client.createApiKey({ body: { name: name!, role, expiresInDays } })
        printer.result(created, ({ key }) => key)
        printer.note(printer.colors.dim('Keep it now: it is not shown again.'))
      }),
    )
  sub('delete <id>', 'Revoke a key: it stops working at once.').action(
    action(io, async ({ printer, contextName }, [id]) => {
      const { client } = await connect(contextName)
      await client.deleteApiKey({ params: { id: id! } })
      printer.result({ deleted: id }, () => `API key ${id} is revoked.`)
    }),
  )

  async function connect(contextName: string | undefined) {
    const { connectPlatform } = await import('../platform.ts')
    return connectPlatform(io, contextName)
  }
}
