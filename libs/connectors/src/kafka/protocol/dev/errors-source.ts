/** An error of Kafka's protocol. */
export interface ErrorDefinition {
  /** As Kafka's documentation writes it: NOT_LEADER_OR_FOLLOWER. */
  readonly name: string
  readonly code: number
  /** Whether Kafka's own client sends the same request again. */
  readonly retriable: boolean
}

/** TypeScript for the list of errors. */
export function errorsSource(errors: readonly ErrorDefinition[]): string {
  const lines = errors.map(({ name, code, retriable }) => `  ${propertyOf(name)}: [${code}, '${name}', ${retriable}],`)
  return `// Generated from the list in Kafka's client library by \`npm run generate\`: change that, or the generator.

/** Every error of the protocol: its code, its name, and whether Kafka's own client sends the same request again. */
export const errorDefinitions = {
${lines.join('\n')}
} as const
`
}

/** NOT_LEADER_OR_FOLLOWER is notLeaderOrFollower. */
const propertyOf = (name: string): string =>
  name.toLowerCase().replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())
