import type { DemoAccount } from './demo-account.ts'

export interface Announced {
  readonly address: string
  readonly account: DemoAccount | null
  readonly folder: string
  /** Where the data of an older release was put aside. */
  readonly backup: string | null
  readonly bold: (text: string) => string
}

/** All that a person needs once the platform runs, and nothing else. */
export function announcement({ address, account, folder, backup, bold }: Announced): string {
  const lines = [
    '',
    `  ${bold('Lightflus is running.')}`,
    '',
    `  Console   ${bold(address)}`,
    ...(account ? [`  Sign in   ${account.email}  ${account.password}`] : []),
    `  Data      ${folder}`,
    ...(backup ? [`  Backup    ${backup} (of the release before)`] : []),
    '',
    '  Try, in another terminal:',
    ...commands(address, account).map((command) => `    ${command}`),
    '',
    '  Ctrl-C stops it; the next start goes on from there.',
    '',
  ]
  return lines.join('\n')
}

function commands(address: string, account: DemoAccount | null): readonly string[] {
  if (!account) return ['npx lightflus init my-job', 'npx lightflus run my-job/src/job.ts', 'npx lightflus up --help']
  return [
    `npx lightflus login ${address} --email ${account.email}`,
    'npx lightflus logs shop-live --follow',
    'npx lightflus describe job shop-live',
  ]
}
