import { catalogue, type ErrorCode, type ErrorDomain, type ErrorEntry } from '@lightflus/api'

const actors = {
  user: "the program's author",
  external: 'who runs the outside system',
  internal: 'who runs the platform',
} as const satisfies Record<ErrorDomain, string>

/** The reference page of all error codes, in the order of the alphabet, as Markdown. */
export function errorsPage(): string {
  const codes = (Object.keys(catalogue) as ErrorCode[]).sort()
  return `# Error codes

Every error that Lightflus raises on purpose has one of these codes, in the terminal, the API and the console alike. A code
never changes its meaning. _This page is generated from the catalogue in \`libs/api/src/errors\` by \`npm run docs\`._

${codes.map((code) => section(code, catalogue[code])).join('\n\n')}
`
}

function section(code: ErrorCode, entry: ErrorEntry): string {
  return `## ${code}

${entry.meaning}

- **What to do:** ${entry.nextStep}
- **Who acts:** ${actors[entry.domain]}; trying again ${entry.retry ? 'can help' : 'does not help'}.
- **For example:** ${entry.example}`
}
