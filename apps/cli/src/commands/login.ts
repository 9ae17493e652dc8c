import { LightflusError } from '@lightflus/api'
import { action, type Register, type Session } from '../command.ts'

interface LoginOptions {
  readonly email?: string
  readonly tenant?: string
  readonly passwordStdin?: boolean
  readonly apiKeyStdin?: boolean
  readonly name?: string
}

export const registerLogin: Register = (program, io) => {
  program
    .command('login [url]')
    .summary('sign in to a platform')
    .description('Sign in to a platform and make it the current one. Default address: http://127.0.0.1:4400.')
    .option('--email <address>', 'who signs in; asked for if left out')
    .option('--tenant <name>', 'which tenant, for those who belong to several')
    .option('--password-stdin', 'read the password from standard input')
    .option('--api-key-stdin', 'use an API key, read from standard input, instead of a password')
    .option('--name <context>', 'what to call this context; default: host and tenant')
    .addHelpText(
      'after',
      '\nExamples:\n  lightflus login\n  lightflus login https://lightflus.example.com --api-key-stdin < key.txt',
    )
    .action(
      action<LoginOptions>(io, (session, [url], options) => login(session, url ?? 'http://127.0.0.1:4400', options)),
    )
}

async function login(session: Session, givenUrl: string, options: LoginOptions): Promise<void> {
  const { createClient } = await import('@lightflus/contracts')
  const { saveContext } = await import('../contexts.ts')
  const { signedIn } = await import('../platform.ts')
  const url = addressOf(givenUrl)
  if (options.apiKeyStdin) {
    const apiKey = (await session.io.readInput()).trim()
    const { tenant } = await createClient({ baseUrl: url, token: () => apiKey }).whoAmI({})
    const name = options.name ?? contextName(url, tenant.name)
    await saveContext(session.io, name, { url, tenant: tenant.name, apiKey })
    return said(session, name, `tenant ${tenant.name} by API key`)
  }
  const email = options.email ?? (await asked(session, 'E-mail: ', false))
  const password = options.passwordStdin
    ? (await session.io.readInput()).replace(/\r?\n$/, '')
    : await asked(session, 'Password: ', true)
  const answer = await createClient({ baseUrl: url }).signIn({
    body: { email, password, ...(options.tenant ? { tenant: options.tenant } : {}) },
  })
  const name = options.name ?? contextName(url, answer.tenant.name)
  await saveContext(session.io, name, signedIn(url, answer))
  said(session, name, `${answer.user.email} in tenant ${answer.tenant.name}, as ${answer.tenant.role}`)
}

function said({ printer }: Session, name: string, who: string): void {
  printer.result({ context: name }, () => `${printer.colors.green('Signed in')}: ${who}. Context '${name}' is current.`)
  printer.note(printer.colors.dim('Next: lightflus get jobs'))
}

async function asked(session: Session, question: string, secret: boolean): Promise<string> {
  if (!session.io.interactive)
    throw new LightflusError('LF_CLI_USAGE', 'There is no terminal to ask on.', {
      nextStep: 'Give --email and --password-stdin, or --api-key-stdin.',
    })
  return session.io.ask(question, secret)
}

function addressOf(given: string): string {
  const url = URL.parse(/^https?:\/\//.test(given) ? given : `http://${given}`)
  if (!url)
    throw new LightflusError('LF_CLI_USAGE', `'${given}' is not an address.`, {
      nextStep: 'Give one such as http://127.0.0.1:4400.',
    })
  return url.origin
}

const contextName = (url: string, tenant: string): string => `${new URL(url).host}/${tenant}`
