import { rm } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { CheckpointStorage } from './checkpoint-storage.ts'
import { folderStorage } from './folder-storage.ts'
import { clearS3, s3Storage } from './s3/s3-storage.ts'
import { isPath } from './storage-path.ts'

/** A place for checkpoints in a bucket of an S3 store. */
export interface S3Location {
  readonly kind: 's3'
  readonly bucket: string
  /** Without slashes at its ends; empty: the whole bucket. */
  readonly prefix: string
  /** Absent: AWS_REGION, or what the profile says. */
  readonly region?: string
  /** Address of a store other than Amazon's. Absent: AWS_ENDPOINT_URL_S3, or Amazon's own. */
  readonly endpoint?: string
  /** Whether the bucket is named in the path and not in the host. Absent: where an endpoint is given. */
  readonly pathStyle?: boolean
}

export type StorageLocation = { readonly kind: 'folder'; readonly folder: string } | S3Location

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const parameters = ['region', 'endpoint', 'path-style'] as const

function wrong(reason: string): LightflusError {
  return new LightflusError('LF_STORAGE_LOCATION', `The place for checkpoints cannot be used: ${reason}.`)
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // Says nothing of the text itself: it may hold a secret.
  if (url && (url.username !== '' || url.password !== ''))
    throw wrong('credentials have no place in its address; they come from the environment')
  if (!url || url.hash !== '') throw wrong(`'${text}' is no address of the form s3://bucket/prefix`)
  return url
}

function endpointOf(text: string | null): string | undefined {
  if (text === null) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.username || url?.password) throw wrong('credentials have no place in the endpoint')
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin
  throw wrong(`endpoint is '${text}', and not of the form http://host:port`)
}

function pathStyleOf(text: string | null): boolean | undefined {
  if (text === null) return undefined
  if (text === 'true' || text === 'false') return text === 'true'
  throw wrong(`path-style is '${text}', and neither true nor false`)
}

function parseS3(text: string): S3Location {
  const { hostname: bucket, port, pathname, searchParams } = parseUrl(text)
  if (!bucketName.test(bucket) || port !== '') throw wrong(`'${bucket}${port && `:${port}`}' is no name of a bucket`)
  const prefix = pathname.replace(/^\/|\/$/g, '')
  if (prefix !== '' && !isPath(prefix))
    throw wrong(`prefix '${prefix}' has characters other than letters, digits, '.', '_', '-' and single slashes`)
  for (const name of searchParams.keys()) {
    if (!parameters.some((each) => each === name))
      throw wrong(`it has the parameter '${name}'; known are ${parameters.join(', ')}`)
  }
  const region = searchParams.get('region')
  if (region !== null && !/^[a-z0-9-]{1,40}$/.test(region)) throw wrong(`region is '${region}'`)
  const endpoint = endpointOf(searchParams.get('endpoint'))
  const pathStyle = pathStyleOf(searchParams.get('path-style'))
  return {
    kind: 's3',
    bucket,
    prefix,
    ...(region === null ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(pathStyle === undefined ? {} : { pathStyle }),
  }
}

/**
 * Reads where checkpoints are to lie: a folder, or
 * `s3://bucket/prefix?region=eu-central-1&endpoint=https://host:port&path-style=true`, of which bucket alone is needed.
 * Credentials are never part of it.
 * @throws LF_STORAGE_LOCATION
 */
export function parseStorageLocation(text: string): StorageLocation {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]
  if (scheme === undefined && text !== '') return { kind: 'folder', folder: text }
  if (scheme === 's3') return parseS3(text)
  throw wrong(scheme === undefined ? 'it is empty' : `'${scheme}://' is none of what is known: a folder, or s3://`)
}

/** The text that {@link parseStorageLocation} reads. */
export function formatStorageLocation(location: StorageLocation): string {
  if (location.kind === 'folder') return location.folder
  const { bucket, prefix, region, endpoint, pathStyle } = location
  const query = [
    ...(region === undefined ? [] : [`region=${region}`]),
    ...(endpoint === undefined ? [] : [`endpoint=${endpoint}`]),
    ...(pathStyle === undefined ? [] : [`path-style=${pathStyle}`]),
  ].join('&')
  return `s3://${bucket}${prefix && `/${prefix}`}${query && `?${query}`}`
}

/**
 * The place below another: of a tenant, and of a job in it.
 * @param path what {@link isPath} allows
 */
export function locationBelow(text: string, path: string): string {
  const location = parseStorageLocation(text)
  if (location.kind === 'folder') return join(location.folder, path)
  const prefix = location.prefix === '' ? path : `${location.prefix}/${path}`
  return formatStorageLocation({ ...location, prefix })
}

/**
 * Opens the place that a text names. Nothing is read or written before the first call; what an S3 store needs is loaded
 * then.
 * @param workingFolder what a folder that is not absolute is relative to; default: the process's
 * @throws LF_STORAGE_LOCATION
 */
export function openStorage(text: string, workingFolder?: string): CheckpointStorage {
  const location = parseStorageLocation(text)
  if (location.kind === 's3') return s3Storage(location)
  const { folder } = location
  return folderStorage(workingFolder === undefined || isAbsolute(folder) ? folder : resolve(workingFolder, folder))
}

/**
 * Removes a place with all that is in it, for good.
 * @throws LF_STORAGE_LOCATION and what the storage throws
 */
export async function removeStorage(text: string): Promise<void> {
  const location = parseStorageLocation(text)
  if (location.kind === 's3') await clearS3(location)
  else await rm(location.folder, { recursive: true, force: true })
}
