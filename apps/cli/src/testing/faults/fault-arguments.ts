import { parseArgs } from 'node:util'

export const usage = `Faults that are real, on a job that writes exactly once to Kafka, MySQL, Redis and files of its own servers.
What these show in the end is compared with what came in; the exit code is 1 where they differ.

  npm run faults -- kills [--rounds 200] [--seed 1]   its process is killed, or stands still and wakes, again and again
  npm run faults -- broker [--seconds 30]             the broker stands still, then is killed, for so long each
  npm run faults -- network [--cuts 3] [--seconds 10] all its packets vanish for so long (root; needs ip and nft)
  npm run faults -- platform [--seconds 60]           on a platform of which worker, control plane, Postgres and queue go away
  npm run faults -- --help                            shows this
`

/** What each scenario can be told, with its default. */
const defaults = {
  kills: { rounds: 200, seed: 1 },
  broker: { seconds: 30 },
  network: { cuts: 3, seconds: 10 },
  platform: { seconds: 60 },
} as const

type Scenario = keyof typeof defaults
export type FaultArguments = {
  readonly [Name in Scenario]: {
    readonly scenario: Name
    readonly figures: Readonly<Record<keyof (typeof defaults)[Name], number>>
  }
}[Scenario]

/** What the command line asks for: a scenario, the help, or what is wrong with it. */
export function readArguments(args: readonly string[]): FaultArguments | 'help' | { readonly wrong: string } {
  if (args.includes('--help') || args.includes('-h')) return 'help'
  const [name, ...rest] = args
  if (name === undefined) return { wrong: `Name one of ${Object.keys(defaults).join(', ')}.` }
  if (!isScenario(name))
    return { wrong: `There is no scenario '${name}'; there are ${Object.keys(defaults).join(', ')}.` }
  const known: Readonly<Record<string, number>> = defaults[name]
  try {
    const options = Object.fromEntries(Object.keys(known).map((option) => [option, { type: 'string' as const }]))
    const { values } = parseArgs({ args: rest, options })
    const figures = { ...known }
    for (const [option, text] of Object.entries(values)) {
      if (!/^\d{1,9}$/.test(text!)) return { wrong: `--${option} takes a whole number, not '${text}'.` }
      figures[option] = Number(text)
    }
    return { scenario: name, figures } as FaultArguments
  } catch (thrown) {
    return { wrong: (thrown as Error).message }
  }
}

const isScenario = (name: string): name is Scenario => Object.hasOwn(defaults, name)
