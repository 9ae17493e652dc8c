import type { DemoAccount } from './demo-account.ts'

export interface Announced {
  readonly address: string
  readonly account: DemoAccount | null
  readonly folder: string
  /** The folder is the one that commands take by themselves. */
  readonly isDefaultFolder: boolean
  /** Where the data of an older release was put aside. */
  readonly backup: string | null
  readonly bold: (text: string) => string
}

/** All that a person needs once the platform runs, and nothing else. */
export function announcement(announced: Announced): string {
  const { address, account, folder, backup, bold } = announced
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
    ...commands(announced).map((command) => `    ${command}`),
    '',
    '  Ctrl-C stops it; the next start goes on from there.',
    '',
  ]
  return lines.join('\n')
}

function commands({ address, account, folder, isDefaultFolder }: Announced): readonly string[] {
  if (account)
    return [
      `npx lightflus login ${address} --email ${account.email}`,
      'npx lightflus logs shop-live --follow',
      'npx lightflus describe job shop-live',
    ]
  return [
    `npx lightflus create-tenant my-team me@example.com${isDefaultFolder ? '' : ` --data-dir ${folder}`}`,
    `npx lightflus login ${address} --email me@example.com`,
    'npx lightflus init ../my-job',
  ]
}
