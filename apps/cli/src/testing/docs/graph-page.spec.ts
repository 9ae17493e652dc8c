import { operatorKinds } from '@lightflus/api'
import { checkProgram, closeCompiler } from '@lightflus/compiler'
import { graphSchema } from '@lightflus/contracts'
import { planJob } from '@lightflus/engine'
import { readFileSync } from 'node:fs'
import pc from 'picocolors'
import { decodingsOf } from '../../decodings.ts'
import { graphJson, graphText } from '../../graph-text.ts'
import { graphSchemaText } from './graph-schema.ts'

const read = (name: string) => readFileSync(new URL(`../../../../../docs/reference/${name}`, import.meta.url), 'utf8')
const page = read('graph.md')
const block = (language: string) => new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)![1]!
const rows = (heading: string) =>
  [...page.slice(page.indexOf(heading)).matchAll(/^\| `(\w+)`/gm)].map(([, field]) => field!)

afterAll(closeCompiler)

it('shows of its program what the command shows', async () => {
  const { graph, bundle } = await checkProgram({ fileName: 'program.ts', text: block('ts') }, { types: false })
  const plan = planJob(graph!, 2)
  const decodings = await decodingsOf(bundle!)
  const shown = graphJson(graph!, plan, decodings)
  expect(JSON.parse(block('json'))).toEqual(JSON.parse(JSON.stringify(shown)))
  expect(page).toContain(`\`\`\`\n${graphText(pc.createColors(false), graph!, plan, decodings)}\n\`\`\``)
})

it('shows beside it what is decoded of a record', async () => {
  const other = read('field-use.md')
  const text = /^```ts\n([\s\S]*?)^```$/m.exec(other)![1]!
  const { graph, bundle } = await checkProgram({ fileName: 'program.ts', text }, { types: false })
  const told = graphText(pc.createColors(false), graph!, planJob(graph!, 2), await decodingsOf(bundle!))
  expect(other).toContain(`\`\`\`\n${told.slice(told.indexOf('decoded'))}\n\`\`\``)
})

it('tells every field of the form, and every kind with its options', async () => {
  const { operators, edges } = graphSchema.shape
  const fields = [graphSchema, operators.element, edges.element].flatMap(({ shape }) => Object.keys(shape))
  expect(rows('## Fields')).toEqual(expect.arrayContaining(fields))
  expect(rows('## Kinds').sort()).toEqual([...operatorKinds].sort())
  const { graph } = await checkProgram({ fileName: 'program.ts', text: block('ts') }, { types: false })
  for (const { kind, options } of graph!.operators) {
    const row = page.slice(page.indexOf(`\n| \`${kind}\` `, page.indexOf('## Kinds')) + 1).split('\n', 1)[0]
    for (const option of Object.keys(options)) if (option !== 'onError') expect(row).toContain(`\`${option}\``)
  }
})

it('has the schema beside it; otherwise run `npm run docs`', async () => {
  expect(read('graph.schema.json')).toBe(await graphSchemaText())
})
