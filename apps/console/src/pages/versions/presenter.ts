import type { Job, RouteOutput, Version } from '@lightflus/contracts'
import { formatAgo, formatDateTime } from '../../format/times.ts'

type Summary = RouteOutput<'listVersions'>['items'][number]

export interface VersionRow {
  readonly version: number
  readonly created: string
  readonly createdTitle: string
  readonly createdBy: string
  readonly warnings: number
  readonly hash: string
  /** Whether its graph is another than that of the version before it. */
  readonly graphChanged: boolean
  readonly deployed: boolean
}

/** @param versions newest first. */
export function presentVersions(versions: readonly Summary[], job: Job, now: number): readonly VersionRow[] {
  const deployed = job.deployment?.spec.version
  return versions.map((version, index) => ({
    version: version.version,
    created: formatAgo(Date.parse(version.createdAt), now),
    createdTitle: formatDateTime(Date.parse(version.createdAt)),
    createdBy: version.createdBy,
    warnings: version.diagnostics.length,
    hash: version.bundleSha256.slice(0, 12),
    graphChanged: versions[index + 1] !== undefined && versions[index + 1].graphHash !== version.graphHash,
    deployed: version.version === deployed,
  }))
}

export interface VersionView {
  readonly facts: readonly { readonly label: string; readonly value: string; readonly title?: string }[]
  /** Warnings by the line that they are about; those without a line stand under `general`. */
  readonly notes: ReadonlyMap<number, string>
  readonly general: readonly string[]
}

export function presentVersion(version: Version, now: number): VersionView {
  const at = Date.parse(version.createdAt)
  const notes = new Map<number, string>()
  const general: string[] = []
  for (const { line, code, message } of version.diagnostics) {
    const note = `${message} (${code})`
    if (line === null) general.push(note)
    else notes.set(line, [notes.get(line), note].filter((part) => part !== undefined).join(' '))
  }
  return {
    facts: [
      { label: 'Made', value: `${formatAgo(at, now)} by ${version.createdBy}`, title: formatDateTime(at) },
      { label: 'Operators', value: String(version.graph.operators.length) },
      { label: 'Connections', value: connectionsOf(version) },
      { label: 'Bundle', value: version.bundleSha256.slice(0, 16), title: `sha256 ${version.bundleSha256}` },
      { label: 'Graph', value: version.graphHash.slice(0, 16), title: `sha256 ${version.graphHash}` },
    ],
    notes,
    general,
  }
}

function connectionsOf({ graph }: Version): string {
  const names = new Set(graph.operators.flatMap(({ connection }) => connection ?? []))
  return names.size === 0 ? 'none' : [...names].join(', ')
}
