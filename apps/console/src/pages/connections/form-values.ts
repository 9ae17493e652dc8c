import {
  putConnectionSchema,
  resourceName,
  type ConnectionKind,
  type ConnectionView,
  type RouteInput,
} from '@lightflus/contracts'

/** What the form holds: one flat set of fields, of which each kind shows its own. */
export interface ConnectionValues {
  name: string
  kind: ConnectionKind
  brokers: string
  url: string
  /** A line each, as `Authorization: Bearer …`. */
  headers: string
  host: string
  port: number | ''
  user: string
  password: string
  database: string
  mechanism: 'none' | 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer'
  tokenUrl: string
  scope: string
  /** What a broker wants to know beside a token: kept as it is. */
  extensions: Readonly<Record<string, string>>
  tls: boolean
  ca: string
}
export type ConnectionField = keyof ConnectionValues
export type ConnectionErrors = Partial<Record<ConnectionField, string>>

export const defaultPorts = { mysql: 3306, redis: 6379 } as const

export const newConnection: ConnectionValues = {
  name: '',
  kind: 'kafka',
  brokers: '',
  url: '',
  headers: '',
  host: '',
  port: '',
  user: '',
  password: '',
  database: '',
  mechanism: 'none',
  tokenUrl: '',
  scope: '',
  extensions: {},
  tls: false,
  ca: '',
}

/** The form for a connection that exists; its secrets are not known here and have to be given again. */
export function valuesOf({ name, kind, options }: ConnectionView): ConnectionValues {
  const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
  const sasl = (options.sasl ?? {}) as Readonly<Record<string, unknown>>
  const tls: unknown = options.tls
  const mechanism = (['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const).find(
    (each) => each === sasl.mechanism,
  )
  return {
    ...newConnection,
    name,
    kind,
    url: text(options.url),
    brokers: Array.isArray(options.brokers) ? options.brokers.join('\n') : '',
    host: text(options.host),
    port: typeof options.port === 'number' ? options.port : '',
    user: text(options.user ?? options.username ?? sasl.username ?? sasl.clientId),
    database: text(options.database),
    mechanism: mechanism ?? 'none',
    tokenUrl: text(sasl.tokenUrl),
    scope: text(sasl.scope),
    extensions: (sasl.extensions ?? {}) as Readonly<Record<string, string>>,
    tls: tls === true || (typeof tls === 'object' && tls !== null),
    ca: typeof tls === 'object' && tls !== null && 'ca' in tls ? text(tls.ca) : '',
  }
}

type PutBody = RouteInput<'putConnection'>['body']

/** The body that the API takes, of the fields that belong to the kind. */
export function bodyOf(values: ConnectionValues): PutBody {
  const tls = values.tls ? { tls: values.ca.trim() === '' ? true : { ca: values.ca } } : {}
  const port = values.port === '' ? {} : { port: values.port }
  switch (values.kind) {
    case 'kafka':
      return {
        kind: 'kafka',
        options: {
          brokers: values.brokers.split(/[\s,]+/).filter((broker) => broker !== ''),
          ...(values.mechanism === 'none' ? {} : { sasl: kafkaSignIn(values, values.mechanism) }),
          ...tls,
        },
      }
    case 'http':
      return { kind: 'http', options: { url: values.url.trim(), ...httpHeaders(values.headers), ...tls } }
    case 'mysql':
      return {
        kind: 'mysql',
        options: {
          host: values.host,
          ...port,
          user: values.user,
          password: values.password,
          database: values.database,
          ...tls,
        },
      }
    case 'redis':
      return {
        kind: 'redis',
        options: {
          host: values.host,
          ...port,
          ...(values.user === '' ? {} : { username: values.user }),
          ...(values.password === '' ? {} : { password: values.password }),
          ...(values.database === '' ? {} : { database: Number(values.database) }),
          ...tls,
        },
      }
  }
}

function httpHeaders(lines: string): { readonly headers?: Record<string, string> } {
  const headers = lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => [line.split(':')[0].trim(), line.slice(line.indexOf(':') + 1).trim()])
  return headers.length === 0 ? {} : { headers: Object.fromEntries(headers) as Record<string, string> }
}

function kafkaSignIn(values: ConnectionValues, mechanism: Exclude<ConnectionValues['mechanism'], 'none'>) {
  if (mechanism !== 'oauthbearer') return { mechanism, username: values.user, password: values.password }
  return {
    mechanism,
    tokenUrl: values.tokenUrl.trim(),
    clientId: values.user,
    clientSecret: values.password,
    ...(values.scope.trim() === '' ? {} : { scope: values.scope.trim() }),
    ...(Object.keys(values.extensions).length === 0 ? {} : { extensions: values.extensions }),
  }
}

/** Which field of the form a path of the body is about. */
const fieldOf: Readonly<Record<string, ConnectionField>> = {
  brokers: 'brokers',
  url: 'url',
  headers: 'headers',
  host: 'host',
  port: 'port',
  user: 'user',
  username: 'user',
  password: 'password',
  database: 'database',
  tls: 'ca',
  'sasl.username': 'user',
  'sasl.password': 'password',
  'sasl.tokenUrl': 'tokenUrl',
  'sasl.clientId': 'user',
  'sasl.clientSecret': 'password',
  'sasl.scope': 'scope',
}

/** Every field that the API would refuse, checked by the API's own schema, and those it would take but nobody means. */
export function connectionErrors(values: ConnectionValues): ConnectionErrors {
  const errors: ConnectionErrors = {}
  const name = resourceName.safeParse(values.name)
  if (!name.success)
    errors.name = values.name === '' ? 'Give it a name: programs name it.' : name.error.issues[0].message
  for (const { path, message } of putConnectionSchema.safeParse(bodyOf(values)).error?.issues ?? []) {
    const [first, ...rest] = path.slice(1).map(String)
    const field = fieldOf[[first, ...rest].join('.')] ?? fieldOf[first]
    if (field) errors[field] ??= field === 'brokers' ? 'Give one host:port a line.' : message
  }
  if ((values.kind === 'mysql' || values.kind === 'redis') && values.host.trim() === '')
    errors.host = 'Give the host’s name or address.'
  if (errors.url) errors.url = 'Give an https:// address without a user.'
  if (errors.headers) errors.headers = 'Give a header a line, such as Authorization: Bearer …'
  if (values.kind === 'mysql' && values.user.trim() === '') errors.user = 'Give the user to sign in as.'
  if (values.kind === 'mysql' && values.database.trim() === '') errors.database = 'Give the database’s name.'
  if (values.kind === 'kafka' && values.mechanism !== 'none') {
    const isClient = values.mechanism === 'oauthbearer'
    if (values.user.trim() === '') errors.user = `Give the ${isClient ? 'client' : 'user'} to sign in as.`
    if (values.password === '') errors.password = `Give the ${isClient ? 'client’s secret' : 'password'}.`
    if (isClient && errors.tokenUrl) errors.tokenUrl = 'Give the https:// address that gives tokens.'
  }
  return errors
}
