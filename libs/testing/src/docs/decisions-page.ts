import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The list of decisions, from the first heading of each file `NNNN-name.md` in the folder, as Markdown. */
export function decisionsPage(folder: string): string {
  const files = readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.md$/.test(file))
    .sort()
  const items = files.map((file) => {
    const title = /^# (?:\d+\. )?(.+)$/m.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? file
    return `- ${file.slice(0, 4)}: [${title}](${file})`
  })
  return `# Decisions

Why things are as they are. Each page states the problem, the choice, the alternatives that were refused, and what would
change it. A new one takes the next free number; \`npm run docs\` then adds it to this list.

${items.join('\n')}
`
}
