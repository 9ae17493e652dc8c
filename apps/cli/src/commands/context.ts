import { LightflusError } from '@lightflus/api'
import { action, outputOption, type Register } from '../command.ts'
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
        const { writeContexts } = await import('../contexts.ts')
        await writeContexts(io, { current: name!, contexts: (await knowing(name!)).contexts })
        printer.result({ current: name }, () => `Context '${name}' is current.`)
      }),
    )
  family
    .command('delete <name>')
    .description('Forget a context and its credentials.')
    .action(
      action(io, async ({ printer }, [name]) => {
        const { writeContexts } = await import('../contexts.ts')
        const { current, contexts } = await knowing(name!)
        const left = Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name))
        await writeContexts(io, { current: current === name ? null : current, contexts: left })
        printer.result({ deleted: name }, () => `Context '${name}' is forgotten.`)
      }),
    )

  async function knowing(name: string) {
    const { readContexts } = await import('../contexts.ts')
    const known = await readContexts(io)
    if (known.contexts[name]) return known
    throw new LightflusError('LF_CLI_NO_CONTEXT', `There is no context '${name}'.`, {
      nextStep: 'See those there are with `lightflus context list`.',
    })
  }
}
