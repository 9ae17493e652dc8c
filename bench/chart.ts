import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `node bench/chart.ts`: draws results/kafka.json (CPU seconds per million events, by engine and query) as results/kafka.svg,
 * for bench/README.md. The last two are ours, in two measures; it follows the reader's light or dark mode.
 */
interface Results {
  readonly title: string
  readonly queries: readonly string[]
  /** Ours are the last ones. Null: not measured. */
  readonly engines: readonly { readonly name: string; readonly cpuPerMillion: readonly (number | null)[] }[]
}

const folder = join(import.meta.dirname, 'results')
const { title, queries, engines } = JSON.parse(readFileSync(join(folder, 'kafka.json'), 'utf8')) as Results
const [left, top, rowHeight, gap, plotWidth, labelWidth] = [56, 64, 15, 14, 620, 60]
const groupHeight = engines.length * rowHeight + gap
const width = left + plotWidth + labelWidth
const height = top + queries.length * groupHeight + 8
const greatest = Math.max(...engines.flatMap(({ cpuPerMillion }) => cpuPerMillion.map((value) => value ?? 0)))

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const classOf = (engine: number): string => (engine === engines.length - 1 ? 'own' : `peer${engine}`)

const legend = engines.map(({ name }, engine) => {
  const x = left + engine * 180
  return `<rect class="${classOf(engine)}" x="${x}" y="34" width="11" height="11" rx="2"/><text x="${x + 17}" y="44">${escaped(name)}</text>`
})
const bars = queries.flatMap((query, group) => {
  const y = top + group * groupHeight
  const middle = y + (engines.length * rowHeight) / 2 + 4
  return [
    `<text class="query" x="${left - 10}" y="${middle}">${escaped(query)}</text>`,
    ...engines.flatMap(({ cpuPerMillion }, engine) => {
      const value = cpuPerMillion[group]
      if (value === null || value === undefined) return []
      const length = Math.max(2, (value / greatest) * plotWidth)
      const at = y + engine * rowHeight
      return [
        `<rect class="${classOf(engine)}" x="${left}" y="${at}" width="${length.toFixed(1)}" height="${rowHeight - 3}" rx="2"/>`,
        `<text x="${(left + length + 6).toFixed(1)}" y="${at + 10}">${value.toFixed(value < 10 ? 2 : 1)}</text>`,
      ]
    }),
  ]
})

writeFileSync(
  join(folder, 'kafka.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 12px system-ui, sans-serif; fill: #3f3f46 }
.title { font-size: 14px; font-weight: 600; fill: #18181b }
.query { text-anchor: end; font-weight: 600 }
.peer0 { fill: #a1a1aa }
.peer1 { fill: #d4d4d8 }
.peer2 { fill: #c7d2fe }
.own { fill: #4f46e5 }
@media (prefers-color-scheme: dark) {
  text { fill: #d4d4d8 }
  .title { fill: #fafafa }
  .peer0 { fill: #71717a }
  .peer1 { fill: #52525b }
  .peer2 { fill: #3730a3 }
  .own { fill: #818cf8 }
}
</style>
<text class="title" x="${left}" y="20">${escaped(title)}</text>
${[...legend, ...bars].join('\n')}
</svg>
`,
)
