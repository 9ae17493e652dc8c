import { z } from 'zod'
import { environmentSchema } from './config.ts'

/** The table of docs/reference/control-plane.md. `node apps/control-plane/src/config/environment-page.ts` prints it. */
export function environmentTable(): string {
  const { properties = {} } = z.toJSONSchema(environmentSchema, { io: 'input', unrepresentable: 'any' })
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const { default: fallback } = properties[name] as { default?: unknown }
    const values = valuesOf(schema)
    return `| \`${name}\` | ${values} | ${fallback === undefined ? '' : `\`${String(fallback)}\``} | ${schema.description ?? ''} |`
  })
  return [
    '<!-- prettier-ignore-start -->',
    '| variable | values | default | |',
    '| --- | --- | --- | --- |',
    ...rows,
    '<!-- prettier-ignore-end -->',
  ].join('\n')
}

function valuesOf(schema: z.ZodType): string {
  const inner =
    schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema
  if (inner instanceof z.ZodEnum) return inner.options.map((value) => `\`${value}\``).join(', ')
  if (inner instanceof z.ZodNumber) return `${inner.minValue} to ${inner.maxValue}`
  if (inner instanceof z.ZodURL) return 'URL'
  if (inner instanceof z.ZodBase64) return 'base64'
  return schema.safeParse('true').data === true ? '`true`, `false`' : 'text'
}

if (import.meta.main) process.stdout.write(`${environmentTable()}\n`)
