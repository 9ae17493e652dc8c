import type { WireReader, WireWriter } from './wire.ts'

/** What is generated for one request of Kafka's protocol: how it and its answer are written, in several versions. */
export interface MessageCodec<Request, Response> {
  readonly name: string
  readonly key: number
  /** The versions that are known here, oldest first. */
  readonly versions: readonly number[]
  /** Since this version headers and structures end in tagged fields, and lengths are compact. */
  readonly flexibleSince: number
  /** @throws UnsupportedField for a value that the version cannot hold */
  readonly writeRequest: (writer: WireWriter, request: Request, version: number) => void
  readonly readRequest: (reader: WireReader, version: number) => Request
  readonly writeResponse: (writer: WireWriter, response: Response, version: number) => void
  readonly readResponse: (reader: WireReader, version: number) => Response
}

/** A request says something that its version has no place for. */
export class UnsupportedField extends Error {
  override readonly name = 'UnsupportedField'
}

/** @throws UnsupportedField always */
export function refuseField(message: string, field: string, version: number): never {
  throw new UnsupportedField(`${message} has no field '${field}' in version ${version}`)
}

/** Whether a value is the one that is not sent because it is the default: a plain one, an empty list, or a structure. */
export function sameValue(value: unknown, fallback: unknown): boolean {
  if (value === fallback) return true
  if (typeof value !== 'object' || typeof fallback !== 'object' || value === null || fallback === null) return false
  if (Array.isArray(fallback)) return Array.isArray(value) && value.length === 0
  return Object.entries(fallback).every(([name, part]) => {
    const own = (value as Readonly<Record<string, unknown>>)[name]
    return own === undefined || sameValue(own, part)
  })
}
