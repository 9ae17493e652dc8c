import { LightflusError } from '@lightflus/api'
import { action, outputOption, type Register } from '../command.ts'
import type { Contexts } from '../contexts.ts'
import { tableText } from '../printer.ts'

export const registerContext: Register = (program, io) => {
  const family = program
    .command('context')
    .summary('choose between platforms')
    .description('List, choose and delete contexts: platforms and how to sign in there.')
  family
    .command('list')
    .description('List contexts; the current one is marked.')
    .addOption(outputOption())
    .action(
      action(io, async ({ printer }) => {
        const { readContexts } = await import('../contexts.ts')
        const { current, contexts } = await readContexts(io)
        const rows = Object.entries(contexts).map(([name, { url, tenant, email, apiKey }]) => ({
          name,
          current: name === current,
          url,
          tenant: tenant ?? null,
          as: email ?? (apiKey ? 'API key' : null),
        }))
        printer.result(rows, () =>
          rows.length === 0
            ? 'No contexts yet. Sign in with: lightflus login URL'
            : tableText(
                printer.colors,
                ['', 'name', 'platform', 'tenant', 'as'],
                rows.map((row) => [row.current ? '*' : '', row.name, row.url, row.tenant ?? '–', row.as ?? '–']),
              ),
        )
      }),
    )
  family
    .command('use <name>')
    .description('Make a context the current one.')
    .action(
      action(io, async ({ printer }, [name]) => {
        const { changeContexts } = await import('../contexts.ts')
        await changeContexts(io, (known) => ({ ...known, current: knowing(known, name!) }))
        printer.result({ current: name }, () => `Context '${name}' is current.`)
      }),
    )
  family
    .command('delete <name>')
    .description('Forget a context and its credentials.')
    .action(
      action(io, async ({ printer }, [name]) => {
        const { forgetContext, readContexts } = await import('../contexts.ts')
        await forgetContext(io, knowing(await readContexts(io), name!))
        printer.result({ deleted: name }, () => `Context '${name}' is forgotten.`)
      }),
    )
}

/** The name, if there is such a context. */
function knowing({ contexts }: Contexts, name: string): string {
  if (Object.hasOwn(contexts, name)) return name
  throw new LightflusError('LF_CLI_NO_CONTEXT', `There is no context '${name}'.`, {
    nextStep: 'See those there are with `lightflus context list`.',
  })
}
