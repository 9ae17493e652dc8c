import { operatorKinds } from '@lightflus/api'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { operatorPages } from './examples/operator-pages.ts'

/** The list of all operators and of what they have in common, from the title and first sentence of each page, as Markdown. */
export function operatorsPage(folder: string): string {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .sort()
  const pageOf = (file: string) => row(file, readFileSync(join(folder, file), 'utf8'))
  const ofKinds = operatorKinds.map((kind) => operatorPages[kind]).filter((file) => files.includes(file))
  const others = files.filter((file) => !ofKinds.includes(file))
  return `# Operators

Each page says what an operator does, shows it in a program, and tells its options, the state that it keeps and for how long,
what it costs, and what becomes of late and bad records. _This list is made from the pages by \`npm run docs\`._

| page | says |
| --- | --- |
${ofKinds.map(pageOf).join('\n')}

What several of them share:

| page | says |
| --- | --- |
${others.map(pageOf).join('\n')}

## Reading the examples

Every program on these pages runs as a test. The block behind it says what goes in, line by line, and what comes out:

${legend}

A name behind the word, as in \`in:payments\` or \`out:late\`, says which source or sink is meant, where it is not the first. In a
row, \`…\` stands for fields that are not shown.
`
}

function row(file: string, text: string): string {
  const [, title = file, first = ''] = /^# (.+)\n+([\s\S]+?)(?:\n\n|$)/.exec(text) ?? []
  const sentence = /^[\s\S]*?[.!?](?=\s|$)/.exec(first)?.[0] ?? first
  const cell = sentence.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('](#', `](${file}#`)
  return `| [${title}](${file}) | ${cell} |`
}

const legend = `| line | says |
| --- | --- |
| \`in {"user":"a"} @1000\` | the source reads this record, of event time 1000 ms |
| \`payload {"user":\` | the outside system holds this text, for the source to decode |
| \`wm 60000\` | no record before 60,000 ms will follow, from any source; \`wm source\`: the sources' own rules tell |
| \`end\` | the input ends |
| \`now 5000\` | the job's clock is at 5,000 ms |
| \`lookup "p1" {"name":"tea"}\` | a lookup finds this for the key \`p1\` |
| \`out {"key":"a"} @59999\` | the sink is given this record; \`-\`, \`<\` or \`>\` before it: the row is deleted, is the old, the new half of an update |
| \`error LF_USER_FUNCTION\` | the line before ends the job with this error |`
