import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { ConnectionUse } from '@lightflus/compiler'
import type { ResolvedConnection } from '@lightflus/engine'
import { connectionFrom } from '../connection-input.ts'
import type { Io } from '../io.ts'

const fileNames = ['lightflus.connections.json', 'lightflus.connections.yaml', 'lightflus.connections.yml'] as const

/** `LIGHTFLUS_CONNECTION_MY_SHOP` for the connection `my-shop`. */
export function variableOf(connection: string): string {
  return `LIGHTFLUS_CONNECTION_${connection.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`
}

export interface ConnectionsWanted {
  readonly job: string
  readonly uses: readonly ConnectionUse[]
  /** The program's file: connections are looked for in its folder. */
  readonly program: string
  /** A file that is given; default: one of {@link fileNames} beside the program, if there is one. */
  readonly file: string | undefined
}

/**
 * The connections that a program uses, from the environment or else from a file. Only those that it uses are looked at.
 * @throws LF_CONNECTION_MISSING naming all that are missing, LF_CONNECTION_KIND, LF_CLI_FILE for what is not well-formed.
 */
export async function runConnections(
  { job, uses, program, file }: ConnectionsWanted,
  { environment }: Pick<Io, 'environment'>,
): Promise<readonly ResolvedConnection[]> {
  if (uses.length === 0) return []
  const path = file ?? fileNames.map((name) => join(dirname(program), name)).find((name) => existsSync(name))
  const described = path === undefined ? {} : await readConnections(path)
  const given = (name: string): string | undefined =>
    environment[variableOf(name)] ?? (Object.hasOwn(described, name) ? described[name] : undefined)

  const missing = uses.filter(({ name }) => given(name) === undefined)
  if (missing.length > 0) throw missingError(job, missing, path, Object.keys(described))
  const names = [...new Set(uses.map(({ name }) => name))]
  const connections = await Promise.all(
    names.map(async (name) => ({
      name,
      ...(await connectionFrom(name, withVariables(name, given(name)!, environment))),
    })),
  )
  for (const { name, connector, operators } of uses) {
    const { kind } = connections.find((connection) => connection.name === name)!
    if (kind !== connector)
      throw new LightflusError(
        'LF_CONNECTION_KIND',
        `Operator ${operators[0]} is of kind ${connector}, connection ${name} is of kind ${kind}.`,
        {
          details: { job, operator: operators[0]!, connection: name },
        },
      )
  }
  return connections as unknown as readonly ResolvedConnection[]
}

/** Name → URL, or the text of `{ kind, options }`. */
async function readConnections(path: string): Promise<Readonly<Record<string, string>>> {
  const { parse } = await import('yaml')
  let content: unknown
  try {
    content = parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new LightflusError(
      'LF_CLI_FILE',
      `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new LightflusError('LF_CLI_FILE', `${path} must hold connections by name: 'shop: kafka://localhost:9092'.`)
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

/** `${VARIABLE}` in a description stands for a variable of the environment, so that a file need not hold secrets. */
function withVariables(name: string, text: string, environment: Io['environment']): string {
  return text.replace(/\$\{(\w+)\}/g, (_, variable: string) => {
    const value = environment[variable]
    if (value !== undefined)
      return /^[a-z]+:\/\//.test(text) ? encodeURIComponent(value) : JSON.stringify(value).slice(1, -1)
    throw new LightflusError('LF_CLI_FILE', `Connection ${name}: the environment has no ${variable}.`, {
      nextStep: `Set ${variable}, or write its value into the connection.`,
    })
  })
}

const addresses: Readonly<Record<string, string>> = {
  kafka: 'kafka://localhost:9092',
  mysql: 'mysql://user:password@localhost:3306/database',
  redis: 'redis://localhost:6379',
}

function missingError(
  job: string,
  missing: readonly ConnectionUse[],
  path: string | undefined,
  known: readonly string[],
): LightflusError {
  const what = missing
    .map(({ name, connector, operators }) => `'${name}' (${connector}, for ${operators.join(' and ')})`)
    .join(', ')
  const there = known.length > 0 ? `; ${path} has ${known.join(', ')}` : ''
  const [{ name, connector }] = missing as [ConnectionUse]
  return new LightflusError(
    'LF_CONNECTION_MISSING',
    `Job ${job} uses connections that are not given: ${what}${there}.`,
    {
      details: { job, connections: missing.map((use) => use.name) },
      nextStep: `Set ${variableOf(name)}=${addresses[connector] ?? `${connector}://…`}, or write it as '${name}: …' into ${fileNames[1]} beside the program.`,
    },
  )
}
