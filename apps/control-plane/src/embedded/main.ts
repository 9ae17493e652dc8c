import { createInterface } from 'node:readline/promises'
import { stat } from 'node:fs/promises'
import { styleText } from 'node:util'
import { isLightflusError, LightflusError } from '@lightflus/api'
import { announcement } from './announcement.ts'
import { readDemoAccount } from './demo-account.ts'
import { Platform } from './platform.ts'
import { defaultDataDir, parseUpOptions, type UpOptions } from './up-options.ts'

const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
const say = (text: string) => void process.stderr.write(`${text}\n`)

/** Runs the platform until it is told to end or cannot stay up; resolves with the exit code. */
async function up(options: UpOptions): Promise<number> {
  if (options.reset) await confirmReset(options)
  const ending = new AbortController()
  const hurry = new AbortController()
  let failure: LightflusError | undefined
  let platform: Platform | null = null
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!ending.signal.aborted) return ending.abort()
      hurry.abort()
      // Not up yet: the guard ends what was started, as it does when this process is killed.
      if (!platform) process.exit(130)
    })
  const events = {
    onRestart: (part: string, how: string) => say(`${part} ${how}; starting it again.`),
    onGivingUp: (error: LightflusError) => {
      failure = error
      ending.abort()
    },
  }
  platform = await Platform.start(options, events, ending.signal)
  if (!platform) return 0
  const { address, folder } = platform
  const account = await readDemoAccount(folder.path)
  const isDefaultFolder = folder.path === defaultDataDir(process.env)
  const facts = { address, account, folder: folder.path, isDefaultFolder, backup: folder.backup, bold }
  process.stdout.write(`${announcement(facts)}\n`)
  if (!ending.signal.aborted) await new Promise((resolve) => ending.signal.addEventListener('abort', resolve))
  if (!failure) say('Stopping: jobs save their state first. Ctrl-C again stops at once.')
  await platform.stop(hurry.signal)
  return failure ? explain(failure) : 0
}

/** @throws LF_UP_RESET_UNCONFIRMED */
async function confirmReset({ dataDir, yes }: UpOptions): Promise<void> {
  const isThere = await stat(dataDir).then(
    () => true,
    () => false,
  )
  if (yes || !isThere) return
  if (!process.stdin.isTTY)
    throw new LightflusError('LF_UP_RESET_UNCONFIRMED', 'Nothing was deleted: --reset needs --yes without a terminal.')
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question(`This deletes all jobs and data in ${dataDir}. Type yes to go on: `)
  prompt.close()
  if (answer.trim().toLowerCase() !== 'yes')
    throw new LightflusError('LF_UP_RESET_UNCONFIRMED', 'Nothing was deleted: you did not answer yes.')
}

/** Says what is wrong and what to do; returns the exit code, which tells outside causes from the user's. */
function explain(error: unknown): number {
  if (!isLightflusError(error)) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return 4
  }
  say(`error ${error.message}\n  ${error.nextStep} (${error.code})`)
  return error.domain === 'user' ? 1 : 3
}

process.title = 'lightflus up'
// A terminal that is closed takes the output away before SIGHUP comes: the platform still has to end in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
try {
  process.exitCode = await up(parseUpOptions(process.argv.slice(2), process.env))
} catch (error) {
  // Not by exitCode: parts that are still up would keep this process. The guard ends them once it is gone.
  process.exit(explain(error))
}
