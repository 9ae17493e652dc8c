import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet'
import { isListLike, isMapLike } from 'hyparquet/src/schema.js'

/** Makes a record's value of what the library decoded. */
export type ToValue = (decoded: unknown) => unknown

/** What a column cannot be read as, or why not. */
export class UnreadableColumn extends Error {}

/** The older annotation by which the library goes, where a writer wrote only the newer one. */
const olderNames: Readonly<Record<string, SchemaElement['converted_type']>> = {
  DATE: 'DATE',
  ENUM: 'UTF8',
  JSON: 'JSON',
  LIST: 'LIST',
  MAP: 'MAP',
  STRING: 'UTF8',
}

const isDecimal = ({ converted_type, logical_type }: SchemaElement): boolean =>
  converted_type === 'DECIMAL' || logical_type?.type === 'DECIMAL'

/** The metadata by which the library decodes: enumerations as text, and decimals as stored, since it would round them. */
export function decodingMetadata(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element): SchemaElement => {
    if (isDecimal(element)) return { ...element, converted_type: undefined, logical_type: undefined }
    const older = element.converted_type ?? olderNames[element.logical_type?.type ?? '']
    return { ...element, converted_type: older === 'ENUM' ? 'UTF8' : older }
  })
  return { ...metadata, schema }
}

/**
 * How the values of a column are made. Both trees are of the column: as written, which knows its decimals, and as decoded.
 * @throws UnreadableColumn
 */
export function valuesOf(written: SchemaTree, decoded: SchemaTree): ToValue {
  const toValue = onceOf(written, decoded)
  return decoded.element.repetition_type === 'REPEATED' ? listOf(toValue) : toValue
}

/** Of one value, where the schema may say that there are several. */
function onceOf(written: SchemaTree, decoded: SchemaTree): ToValue {
  if (isListLike(decoded)) {
    const [outer, decodedOuter] = [written.children[0], decoded.children[0]]
    return decodedOuter.children.length === 1
      ? listOf(onceOf(outer.children[0], decodedOuter.children[0]))
      : listOf(onceOf(outer, decodedOuter))
  }
  if (isMapLike(decoded)) return mapOf(written.children[0], decoded.children[0])
  if (decoded.children.length > 0) return structOf(written, decoded)
  return isDecimal(written.element) ? decimalOf(written.element) : leafValue
}

const listOf =
  (toValue: ToValue): ToValue =>
  (decoded) =>
    decoded == null ? null : Array.from(decoded as ArrayLike<unknown>, toValue)

function mapOf(written: SchemaTree, decoded: SchemaTree): ToValue {
  const [key, value] = decoded.children
  const { type, converted_type, logical_type } = key.element
  const isText = converted_type === 'UTF8'
  const isWhole = /^INT(32|64)$/.test(type ?? '') && !isDecimal(written.children[0].element)
  if (!isText && !(isWhole && /^(U?INT_\d+)?$/.test(converted_type ?? '') && logical_type?.type !== 'TIMESTAMP'))
    throw new UnreadableColumn('a map whose keys are neither text nor whole numbers')
  const toValue = valuesOf(written.children[1], value)
  return (decoded) =>
    decoded == null
      ? null
      : Object.fromEntries(Object.entries(decoded).map(([name, value]) => [name, toValue(value)] as const))
}

function structOf(written: SchemaTree, decoded: SchemaTree): ToValue {
  const fields = decoded.children.map(
    (child, at) => [child.element.name, valuesOf(written.children[at], child)] as const,
  )
  return (decoded) =>
    decoded == null
      ? null
      : Object.fromEntries(
          fields.map(([name, toValue]) => [name, toValue((decoded as Readonly<Record<string, unknown>>)[name])]),
        )
}

function decimalOf({ scale, logical_type }: SchemaElement): ToValue {
  const digits = scale ?? (logical_type?.type === 'DECIMAL' ? logical_type.scale : 0)
  return (decoded) => {
    if (decoded == null) return null
    const unscaled = decoded instanceof Uint8Array ? signedOf(decoded) : BigInt(decoded as number | bigint)
    return decimalText(unscaled, digits)
  }
}

/** Two's complement, the greatest byte first. */
function signedOf(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  return hex === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`))
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString()
  const sign = unscaled < 0n ? '-' : ''
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function leafValue(decoded: unknown): unknown {
  if (decoded == null) return null
  if (typeof decoded === 'bigint') {
    const number = Number(decoded)
    return Number.isSafeInteger(number) ? number : decoded
  }
  // A copy: the library's lies in the bytes of all the column.
  return decoded instanceof Uint8Array ? new Uint8Array(decoded) : decoded
}
