import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Kafka's own definitions of its messages, as its client library brings them: data, with comments, under Apache-2.0. */
export const definitionsFolder = join(import.meta.dirname, '..', 'definitions')

/** First and last version, both included. */
export interface VersionRange {
  readonly from: number
  readonly to: number
}

export interface Field {
  readonly name: string
  /** Of one element, where it is an array. */
  readonly type: string
  readonly isArray: boolean
  readonly about: string
  readonly versions: VersionRange
  readonly nullable: VersionRange
  readonly tagged: VersionRange
  readonly tag: number
  /** As it is written: a number in any notation, text, `null`, `true` or `false`; undefined: none is stated. */
  readonly fallback: string | undefined
  /** Whether a value that a version cannot hold may be left out. */
  readonly isIgnorable: boolean
}

export interface Struct {
  readonly name: string
  readonly fields: readonly Field[]
}

export interface Message {
  readonly name: string
  readonly kind: 'request' | 'response'
  readonly key: number
  readonly flexible: VersionRange
  readonly fields: readonly Field[]
  /** Every struct by its name. */
  readonly structs: ReadonlyMap<string, Struct>
}

interface RawField {
  readonly name: string
  readonly type: string
  readonly versions?: string
  readonly nullableVersions?: string
  readonly taggedVersions?: string
  readonly tag?: number
  readonly default?: string | number | boolean
  readonly ignorable?: boolean
  readonly about?: string
  readonly fields?: readonly RawField[]
}

interface RawMessage {
  readonly name: string
  readonly apiKey: number
  readonly type: 'request' | 'response'
  readonly flexibleVersions: string
  readonly fields: readonly RawField[]
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly RawField[] }[]
}

const never: VersionRange = { from: 1, to: 0 }

export const within = (version: number, { from, to }: VersionRange): boolean => version >= from && version <= to

function rangeOf(text: string | undefined): VersionRange {
  if (text === undefined || text === 'none') return never
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text)
  if (!match) throw new Error(`'${text}' is no range of versions`)
  const from = Number(match[1])
  return { from, to: match[2] ? Infinity : Number(match[3] ?? from) }
}

/** Reads `<name>.json` of {@link definitionsFolder}. @throws Error for what is not understood */
export function messageDefinition(name: string): Message {
  const text = readFileSync(join(definitionsFolder, `${name}.json`), 'utf8')
  const raw = JSON.parse(withoutComments(text)) as RawMessage
  const structs = new Map<string, Struct>()
  const fieldOf = (field: RawField): Field => {
    const isArray = field.type.startsWith('[]')
    const type = field.type.replace('[]', '')
    if (field.fields) structs.set(type, { name: type, fields: field.fields.map(fieldOf) })
    return {
      name: field.name[0]!.toLowerCase() + field.name.slice(1),
      type,
      isArray,
      about: field.about ?? '',
      // A struct says of each field since when; one without versions is as old as what it lies in.
      versions: rangeOf(field.versions ?? '0+'),
      nullable: rangeOf(field.nullableVersions),
      tagged: rangeOf(field.taggedVersions),
      tag: field.tag ?? -1,
      fallback: field.default === undefined ? undefined : String(field.default),
      isIgnorable: field.ignorable ?? false,
    }
  }
  for (const { name, fields } of raw.commonStructs ?? []) structs.set(name, { name, fields: fields.map(fieldOf) })
  const fields = raw.fields.map(fieldOf)
  return { name: raw.name, kind: raw.type, key: raw.apiKey, flexible: rangeOf(raw.flexibleVersions), fields, structs }
}

/** JSON does not know comments; a string may hold what looks like one. */
const withoutComments = (text: string): string =>
  text.replace(/("(?:[^"\\]|\\.)*")|\/\/.*/g, (_all, kept?: string) => kept ?? '')
