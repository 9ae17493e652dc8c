import type { Field, Message, Struct, VersionRange } from './message-definition.ts'
import { within } from './message-definition.ts'

/**
 * TypeScript for one request and its answer: types, and functions that write and read them. What is the same in all
 * versions that are wanted is decided here, so that one version alone leaves no condition in the code.
 */
export function codecSource(request: Message, response: Message, versions: readonly number[]): string {
  const name = request.name.replace(/Request$/, '')
  const taken = new Set([...request.structs.keys()].filter((struct) => response.structs.has(struct)))
  const parts = [request, response].flatMap((message) => new MessageSource(message, versions, taken).all())
  const flexibleSince = versions.find((version) => within(version, request.flexible)) ?? Infinity
  const constant = name[0]!.toLowerCase() + name.slice(1)
  const codec = `
/** ${name}, versions ${versions.join(', ')}. */
export const ${constant}Codec: MessageCodec<${name}Request, ${name}Response> = {
  name: '${name}',
  key: ${request.key},
  versions: [${versions.join(', ')}],
  flexibleSince: ${flexibleSince},
  writeRequest: write${name}Request,
  readRequest: read${name}Request,
  writeResponse: write${name}Response,
  readResponse: read${name}Response,
}
`
  const body = `${parts.join('\n')}${codec}`
  const helpers = ['refuseField', 'sameValue'].filter((helper) => body.includes(`${helper}(`))
  const types = ['TaggedField', 'WireReader', 'WireWriter'].filter((type) => body.includes(type))
  const imported =
    helpers.length > 0 ? `import { ${helpers.join(', ')}, type MessageCodec }` : 'import type { MessageCodec }'
  return `// Generated from Kafka's message definitions by \`npm run generate\`: change those, or the generator.
${imported} from '../message-codec.ts'
import type { ${types.join(', ')} } from '../wire.ts'

${body}`
}

/** 'always', 'never', or the condition on `version`. */
type Condition = string

const primitives: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'number',
  string: 'string',
  uuid: 'string',
}

const zeroUuid = `'${'0'.repeat(32)}'`

/** In which of the wanted versions each struct of a message can occur. */
function reachable({ fields, structs }: Message, versions: readonly number[]): Map<string, number[]> {
  const found = new Map<string, number[]>()
  const walk = (fields: readonly Field[], versions: readonly number[]) => {
    for (const field of fields) {
      const inside = versions.filter((version) => within(version, field.versions))
      const struct = structs.get(field.type)
      if (!struct || inside.length === 0) continue
      found.set(
        struct.name,
        [...new Set([...(found.get(struct.name) ?? []), ...inside])].toSorted((a, b) => a - b),
      )
      walk(struct.fields, inside)
    }
  }
  walk(fields, versions)
  return found
}

class MessageSource {
  readonly #message: Message
  readonly #versions: readonly number[]
  readonly #reachable: ReadonlyMap<string, readonly number[]>
  /** Names of structs that the other message has, too. */
  readonly #taken: ReadonlySet<string>

  constructor(
    message: Message,
    versions: readonly number[],
    taken: ReadonlySet<string>,
    structVersions: ReadonlyMap<string, readonly number[]> = reachable(message, versions),
  ) {
    this.#message = message
    this.#versions = versions
    this.#taken = taken
    this.#reachable = structVersions
  }

  all(): string[] {
    const { name, fields, structs } = this.#message
    const inner = [...structs.values()].filter((struct) => this.#reachable.has(struct.name))
    return [
      ...inner.flatMap((struct) => this.#only(this.#reachable.get(struct.name)!).#all(struct)),
      ...this.#all({ name, fields }),
    ]
  }

  #all(struct: Struct): string[] {
    return [this.#type(struct), this.#writer(struct), this.#reader(struct)]
  }

  /** The same message as it is in some of its versions alone. */
  #only(versions: readonly number[]): MessageSource {
    return new MessageSource(this.#message, versions, this.#taken, this.#reachable)
  }

  #present(fields: readonly Field[]): Field[] {
    return fields.filter(({ versions }) => this.#when(versions) !== 'never')
  }

  #nameOf(type: string): string {
    return this.#taken.has(type) ? `${this.#message.name}${type}` : type
  }

  #when(range: VersionRange): Condition {
    const inside = this.#versions.filter((version) => within(version, range))
    if (inside.length === 0) return 'never'
    if (inside.length === this.#versions.length) return 'always'
    const conditions: string[] = []
    if (range.from > this.#versions[0]!) conditions.push(`version >= ${range.from}`)
    if (range.to < this.#versions.at(-1)!) conditions.push(`version <= ${range.to}`)
    return conditions.join(' && ')
  }

  get #flexible(): Condition {
    return this.#when(this.#message.flexible)
  }

  // -- types

  #type({ name, fields }: Struct): string {
    const lines = this.#present(fields).map((field) => {
      const about = field.about ? `  /** ${field.about.replaceAll('*/', '* /')} */\n` : ''
      return `${about}  readonly ${field.name}${this.#isOptional(field) ? '?' : ''}: ${this.#typeOf(field)}`
    })
    return `export interface ${this.#nameOf(name)} {\n${lines.join('\n')}\n}\n`
  }

  /** What a request need not say is what has a default, or is not in all versions; an answer says everything. */
  #isOptional(field: Field): boolean {
    if (this.#message.kind === 'response') return false
    return field.fallback !== undefined || this.#when(field.versions) !== 'always' || this.#isTagged(field)
  }

  #isTagged = (field: Field): boolean => this.#when(field.tagged) !== 'never'
  #isNullable = (field: Field): boolean => this.#when(field.nullable) !== 'never' || field.fallback === 'null'

  #typeOf(field: Field): string {
    const one = this.#typeOfOne(field)
    return `${field.isArray ? `readonly ${one}[]` : one}${this.#isNullable(field) ? ' | null' : ''}`
  }

  #typeOfOne({ type }: Field): string {
    if (type === 'bytes' || type === 'records') return this.#message.kind === 'request' ? 'Uint8Array' : 'Buffer'
    const primitive = primitives[type]
    if (primitive) return primitive
    if (!this.#message.structs.has(type)) throw new Error(`${this.#message.name}: type ${type} is not known`)
    return this.#nameOf(type)
  }

  #fallback(field: Field): string {
    const { type, fallback, isArray } = field
    if (fallback === 'null') return 'null'
    if (isArray) return '[]'
    if (type === 'string') return `'${fallback ?? ''}'`
    if (type === 'uuid') return zeroUuid
    if (type === 'bool') return fallback ?? 'false'
    if (type === 'bytes' || type === 'records') return this.#isNullable(field) ? 'null' : 'Buffer.alloc(0)'
    if (primitives[type]) return fallback ?? '0'
    const { fields } = this.#message.structs.get(type)!
    const inner = this.#only(this.#reachable.get(type)!)
    return `{ ${inner
      .#present(fields)
      .map((one) => `${one.name}: ${inner.#fallback(one)}`)
      .join(', ')} }`
  }

  // -- writing

  #writer({ name, fields }: Struct): string {
    const present = this.#present(fields)
    const lines = present.filter((field) => !this.#isTagged(field)).flatMap((field) => this.#writeField(field))
    lines.push(...this.#refusals(present), ...this.#writeTags(present.filter(this.#isTagged)))
    const body = lines.map((line) => `  ${line}\n`).join('')
    const version = body.includes('version') || name === this.#message.name ? ', version: number' : ''
    return `function write${this.#nameOf(name)}(writer: WireWriter, it: ${this.#nameOf(name)}${version}): void {\n${body}}\n`
  }

  #valueOf(field: Field): string {
    const own = `it.${field.name}`
    if (!this.#isOptional(field)) return own
    const fallback = this.#fallback(field)
    // Null is a value of its own, unless it is the default.
    return this.#isNullable(field) && fallback !== 'null'
      ? `${own} === undefined ? ${fallback} : ${own}`
      : `${own} ?? ${fallback}`
  }

  #writeField(field: Field): string[] {
    return this.#conditional(this.#when(field.versions), this.#within(field).#write(field, this.#valueOf(field)))
  }

  #conditional(when: Condition, statements: readonly string[]): string[] {
    if (when === 'always') return [...statements]
    if (when === 'never') return []
    return statements.length === 1 && !statements[0]!.startsWith('if')
      ? [`if (${when}) ${statements[0]}`]
      : [`if (${when}) {`, ...statements.map((statement) => `  ${statement}`), '}']
  }

  /** The same message as it is in the versions that have a field. */
  #within({ versions }: Field): MessageSource {
    return this.#only(this.#versions.filter((version) => within(version, versions)))
  }

  /** Statements that write a value in the form of the flexible versions, of the others, or of both by condition. */
  #write(field: Field, value: string): string[] {
    const { type, isArray } = field
    if (!isArray) {
      const plain = this.#writeOne(field, value, false)
      const compact = this.#writeOne(field, value, true)
      return plain === compact ? [plain] : this.#either(plain, compact)
    }
    const struct = this.#message.structs.has(type)
    const one = { ...field, isArray: false, nullable: { from: 1, to: 0 } }
    const element = struct ? `write${this.#nameOf(type)}(writer, one${this.#versionFor(type, 'write')})` : undefined
    const array = (method: string, isCompact: boolean) =>
      `writer.${method}(${value}, (one) => ${element ?? this.#writeOne(one, 'one', isCompact)})`
    return this.#either(array('array', false), array('compactArray', true))
  }

  #either(plain: string, compact: string): string[] {
    if (this.#flexible === 'always') return [compact]
    if (this.#flexible === 'never') return [plain]
    return [`if (${this.#flexible}) ${compact}`, `else ${plain}`]
  }

  #writeOne({ type }: Field, value: string, isCompact: boolean): string {
    switch (type) {
      case 'bool':
        return `writer.boolean(${value})`
      case 'string':
        return `writer.${isCompact ? 'compactString' : 'string'}(${value})`
      case 'bytes':
      case 'records':
        return `writer.${isCompact ? 'compactByteString' : 'byteString'}(${value})`
      default:
        if (primitives[type]) return `writer.${type}(${value})`
        return `write${this.#nameOf(type)}(writer, ${value}${this.#versionFor(type, 'write')})`
    }
  }

  /** `, version` where the function of a struct wants it. */
  #versionFor(type: string, what: 'read' | 'write'): string {
    const struct = this.#message.structs.get(type)!
    const inner = this.#only(this.#reachable.get(type)!)
    const source = what === 'read' ? inner.#reader(struct) : inner.#writer(struct)
    return source.includes('version: number') ? ', version' : ''
  }

  /** A value that some version cannot hold is refused there, unless it may be left out. */
  #refusals(present: readonly Field[]): string[] {
    return present
      .filter((field) => this.#isOptional(field) && !field.isIgnorable && this.#when(field.versions) !== 'always')
      .map((field) => {
        const isAbsent = `!(${this.#when(field.versions)})`
        return `if (${isAbsent} && !sameValue(${this.#valueOf(field)}, ${this.#fallback(field)})) refuseField('${this.#message.name}', '${field.name}', version)`
      })
  }

  #writeTags(tagged: readonly Field[]): string[] {
    if (this.#flexible === 'never') return []
    if (tagged.length === 0) return this.#conditional(this.#flexible, ['writer.noTags()'])
    const lines = tagged
      .toSorted((a, b) => a.tag - b.tag)
      .flatMap((field) => {
        const value = this.#valueOf(field)
        const statements = this.#asIfFlexible().#write(field, value)
        const isOther = `!sameValue(${value}, ${this.#fallback(field)})`
        const when = this.#when(field.versions)
        const condition = when === 'always' || when === this.#flexible ? isOther : `${when} && ${isOther}`
        return [`if (${condition}) tags.push([${field.tag}, (writer) => ${statements.join('; ')}])`]
      })
    return this.#conditional(this.#flexible, ['const tags: TaggedField[] = []', ...lines, 'writer.tags(tags)'])
  }

  /** The same message as it is in its flexible versions alone. */
  #asIfFlexible(): MessageSource {
    return this.#only(this.#versions.filter((version) => within(version, this.#message.flexible)))
  }

  // -- reading

  #reader({ name, fields }: Struct): string {
    const present = this.#present(fields)
    const tagged = present.filter(this.#isTagged)
    const lines = present.map((field) => {
      if (this.#isTagged(field)) return `let ${field.name}: ${this.#typeOf(field)} = ${this.#fallback(field)}`
      const when = this.#when(field.versions)
      if (when === 'always') return `const ${field.name} = ${this.#read(field)}`
      const read = this.#within(field).#read(field)
      return `const ${field.name} = ${when} ? ${read.includes(' ? ') ? `(${read})` : read} : ${this.#fallback(field)}`
    })
    lines.push(...this.#readTags(tagged))
    const body = lines.map((line) => `  ${line}\n`).join('')
    const version = body.includes('version') || name === this.#message.name ? ', version: number' : ''
    const names = present.map((field) => field.name).join(', ')
    return `function read${this.#nameOf(name)}(reader: WireReader${version}): ${this.#nameOf(name)} {\n${body}  return { ${names} }\n}\n`
  }

  #read(field: Field): string {
    const isNullable = this.#isNullable(field)
    if (!field.isArray)
      return this.#eitherRead(this.#readOne(field, isNullable, false), this.#readOne(field, isNullable, true))
    const element = (isCompact: boolean) => this.#readOne({ ...field, isArray: false }, false, isCompact)
    const array = (isCompact: boolean) => {
      const method = `${isCompact ? 'compact' : ''}${isNullable ? 'Nullable' : ''}Array`
      return `reader.${method[0]!.toLowerCase()}${method.slice(1)}(() => ${element(isCompact)})`
    }
    return this.#eitherRead(array(false), array(true))
  }

  #eitherRead(plain: string, compact: string): string {
    if (plain === compact || this.#flexible === 'never') return plain
    return this.#flexible === 'always' ? compact : `${this.#flexible} ? ${compact} : ${plain}`
  }

  #readOne({ type }: Field, isNullable: boolean, isCompact: boolean): string {
    const method = (plain: string) => {
      const name = `${isCompact ? 'compact' : ''}${isNullable ? 'Nullable' : ''}${plain}`
      return `reader.${name[0]!.toLowerCase()}${name.slice(1)}()`
    }
    if (type === 'bool') return 'reader.boolean()'
    if (type === 'string') return method('String')
    if (type === 'bytes' || type === 'records') return method('ByteString')
    if (primitives[type]) return `reader.${type}()`
    return `read${this.#nameOf(type)}(reader${this.#versionFor(type, 'read')})`
  }

  #readTags(tagged: readonly Field[]): string[] {
    if (this.#flexible === 'never') return []
    if (tagged.length === 0) return this.#conditional(this.#flexible, ['reader.tags()'])
    const cases = tagged.map((field, at) => {
      const read = this.#asIfFlexible().#read(field)
      return `  ${at === 0 ? 'if' : 'else if'} (tag === ${field.tag}) ${field.name} = ${read}`
    })
    return this.#conditional(this.#flexible, ['reader.tags((tag) => {', ...cases, '})'])
  }
}
