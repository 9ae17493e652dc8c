import { problemSchema, routes, type Route, type RouteName } from '@lightflus/contracts'
import { z } from 'zod'

type JsonSchema = Record<string, unknown>
type Operation = Readonly<Record<string, unknown>>

/** As much of OpenAPI's form as is said here. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: Readonly<Record<string, unknown>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, unknown>>
}

/** What is served at /api/openapi.json: made of the table of routes, so it cannot say anything else than they do. */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    paths[route.path] ??= {}
    paths[route.path][route.method.toLowerCase()] = operationOf(name, route)
  }
  paths['/api/v1/jobs/{name}/live'] = { get: liveOperation() }
  paths['/api/v1/jobs/{name}/ingest/{endpoint}'] = { post: ingestOperation() }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lightflus',
      version,
      description:
        'Every error is a problem document (RFC 9457) with a stable `code` and a `nextStep`. Lists are paged: pass `nextCursor` as `cursor`. A POST takes an `Idempotency-Key`; its answer is kept for 24 hours.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An access token (POST /api/v1/auth/sign-in) or an API key.',
        },
      },
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      responses: {
        Problem: {
          description: 'A problem',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  }
}

function operationOf(name: RouteName, route: Route): Operation {
  const isPublic = route.access === 'public'
  const has = (schema: z.ZodType) => schema.def.type !== 'undefined'
  return {
    operationId: name,
    summary: route.summary,
    description: isPublic ? 'Needs no credentials.' : `Needs the role ${route.access} or a higher one.`,
    tags: [tagOf(route.path)],
    security: isPublic ? [] : [{ bearer: [] }],
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(route.method === 'POST' && !isPublic ? [idempotencyKey] : []),
    ],
    ...(has(route.body)
      ? {
          requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(route.body, 'input') } } },
        }
      : {}),
    responses: {
      ...(has(route.response)
        ? {
            200: {
              description: 'Done',
              content: { 'application/json': { schema: jsonSchema(route.response, 'output') } },
            },
          }
        : { 204: { description: 'Done' } }),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same request gets the first answer again.',
  schema: { type: 'string', maxLength: 200 },
}

function liveOperation(): Operation {
  return {
    operationId: 'liveJob',
    summary: 'Status, metrics, log lines, result rows and events of a job as they come',
    description: 'Server-sent events, until the credentials end. Needs the role viewer or a higher one.',
    tags: ['jobs'],
    security: [{ bearer: [] }],
    parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }],
    responses: {
      200: { description: 'A stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

function ingestOperation(): Operation {
  const text = { type: 'string' }
  const counts = { accepted: { type: 'integer' }, duplicate: { type: 'boolean' } }
  return {
    operationId: 'ingestRecords',
    summary: 'Post records to a source of a job',
    description:
      'Answered once the records are in the job’s log, all or none of them. Needs the role developer or a higher one.',
    tags: ['jobs'],
    security: [{ bearer: [] }],
    parameters: [
      ...['name', 'endpoint'].map((name) => ({ name, in: 'path', required: true, schema: text })),
      { ...idempotencyKey, description: 'Repeated with the same records, they are taken once.' },
    ],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: {} }, 'application/x-ndjson': { schema: text } },
    },
    responses: {
      202: {
        description: 'Taken',
        content: {
          'application/json': { schema: { type: 'object', properties: counts, required: Object.keys(counts) } },
        },
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

/** `/api/v1/api-keys/{id}` belongs to `api-keys`. */
function tagOf(path: string): string {
  return path.split('/')[3]
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): object[] {
  if (!(schema instanceof z.ZodObject)) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
  return rest
}
