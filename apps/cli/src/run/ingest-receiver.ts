import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { catalogue, LightflusError, toLightflusError, type Graph } from '@lightflus/api'
import {
  bodyTooLarge,
  ingestEndpoints,
  ingestStatus,
  readIngestBody,
  requireEndpoint,
  type IngestEndpoint,
} from '@lightflus/connectors'
import { IngestWriter, type CheckpointStorage } from '@lightflus/storage'

/** How long the first request of a segment waits for others, milliseconds: a write to a disk takes about as long. */
const lingerMs = 2

export interface IngestReceiver {
  /** Where records of an endpoint are posted to. */
  readonly urls: readonly { readonly endpoint: string; readonly url: string }[]
  /** Takes nothing more, and resolves once what was taken is answered. */
  close(): Promise<void>
}

export interface IngestReceiverOptions {
  readonly graph: Graph
  readonly storage: CheckpointStorage
  /** 0: any that is free. */
  readonly port: number
}

/**
 * Takes records over HTTP for a run, on this machine alone: `POST /ENDPOINT`. Undefined where the program has no source
 * that reads any.
 * @throws LF_CLI_USAGE where the port is taken
 */
export async function openIngestReceiver(options: IngestReceiverOptions): Promise<IngestReceiver | undefined> {
  const { graph, storage, port } = options
  const endpoints = ingestEndpoints(graph)
  if (endpoints.length === 0) return undefined
  const writers = new Map(endpoints.map((each) => [each.endpoint, writerOf(graph.job, each, storage)]))
  const server = createServer((request, response) => {
    receive(graph, writers, request).then(
      (accepted) => answer(response, 202, 'application/json', accepted),
      (thrown: unknown) => refuse(response, thrown),
    )
    // A connection that stays open would keep the run from its end.
    response.on('finish', () => server.listening || request.socket.end())
  })
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new LightflusError('LF_CLI_USAGE', `--ingest-port ${port}: ${(cause as Error).message}.`, { cause })
  }
  const { port: taken } = server.address() as AddressInfo
  let closed: Promise<void> | undefined
  return {
    urls: endpoints.map(({ endpoint }) => ({ endpoint, url: `http://127.0.0.1:${taken}/${endpoint}` })),
    close: () => (closed ??= closeServer(server)),
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}

function writerOf(job: string, { endpoint, bytesMax, bodyBytesMax }: IngestEndpoint, storage: CheckpointStorage) {
  return new IngestWriter({ storage, job, endpoint, bytesMax, segmentBytesMax: bodyBytesMax, now: Date.now, lingerMs })
}

async function receive(graph: Graph, writers: ReadonlyMap<string, IngestWriter>, request: IncomingMessage) {
  const name = (request.url ?? '/').slice(1)
  const endpoint = requireEndpoint(graph.job, graph, name)
  if (request.method !== 'POST')
    throw new LightflusError('LF_REQUEST_INVALID', `Endpoint ${name} takes POST, and not ${request.method}.`)
  const body = await bodyOf(request, endpoint)
  const headers = {
    contentType: request.headers['content-type'],
    idempotencyKey: request.headers['idempotency-key'] as string | undefined,
  }
  const { records, key } = readIngestBody(endpoint, headers, body)
  const { duplicate } = await writers.get(name)!.append({ records, key })
  return { accepted: records.length, duplicate }
}

/** @throws LF_INGEST_TOO_LARGE as soon as it is */
async function bodyOf(request: IncomingMessage, endpoint: IngestEndpoint): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > endpoint.bodyBytesMax) throw bodyTooLarge(endpoint)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refuse(response: ServerResponse, thrown: unknown): void {
  const error = toLightflusError(thrown, 'LF_STORAGE_FAILED', `The records could not be taken: ${String(thrown)}`)
  const { code, message, nextStep, details } = error
  const status = ingestStatus[code] ?? 500
  if (typeof details.retryAfterSeconds === 'number')
    response.setHeader('Retry-After', String(details.retryAfterSeconds))
  // What is left of a body that was not read to its end is not a request.
  if (status === 413) response.setHeader('Connection', 'close')
  answer(response, status, 'application/problem+json', {
    type: `https://lightflus.dev/errors/${code}`,
    title: catalogue[code].meaning,
    status,
    detail: message,
    code,
    nextStep,
  })
}

function answer(response: ServerResponse, status: number, type: string, body: object): void {
  response.writeHead(status, { 'Content-Type': type }).end(JSON.stringify(body))
}
