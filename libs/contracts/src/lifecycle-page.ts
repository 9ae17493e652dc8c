import { deploymentStateFacts, deploymentStates } from './deployment-lifecycle.ts'
import { lifecycleDiagram, possibleVerbs } from './deployment-lifecycle.table.ts'

/** The generated part of docs/concepts/deployment-lifecycle.md. `node libs/contracts/src/lifecycle-page.ts` prints it. */
export function lifecyclePage(): string {
  const rows = deploymentStates.map((state) => {
    const { sentence, terminal } = deploymentStateFacts[state]
    const verbs = possibleVerbs(state).map((verb) => `\`${verb}\``)
    return `| \`${state}\` | ${sentence} | ${terminal ? 'for good' : verbs.join(', ')} |`
  })
  return [
    '<!-- prettier-ignore-start -->',
    '```mermaid',
    lifecycleDiagram(),
    '```',
    '',
    '| state | meaning | verbs that change it |',
    '| --- | --- | --- |',
    ...rows,
    '',
    '<!-- prettier-ignore-end -->',
  ].join('\n')
}

if (import.meta.main) process.stdout.write(`${lifecyclePage()}\n`)
