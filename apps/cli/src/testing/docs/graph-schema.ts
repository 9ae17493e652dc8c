import { graphSchema } from '@lightflus/contracts'
import { format } from 'prettier'
import { z } from 'zod'

/** docs/reference/graph.schema.json as it should be. */
export function graphSchemaText(): Promise<string> {
  const schema = { title: 'The graph of a Lightflus job', ...z.toJSONSchema(graphSchema, { io: 'input' }) }
  return format(JSON.stringify(schema), { parser: 'json', printWidth: 120 })
}
