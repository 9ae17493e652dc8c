import highlighter from 'highlight.js/lib/core'
import typescript from 'highlight.js/lib/languages/typescript'

highlighter.registerLanguage('typescript', typescript)

/** The program's lines as safe HTML: highlight.js escapes all text, and only its own spans are markup. */
export function highlightLines(text: string): readonly string[] {
  return splitLines(highlighter.highlight(text, { language: 'typescript' }).value)
}

/** Cuts highlighted HTML into lines; a span that goes over a line's end is closed there and opened again. */
function splitLines(html: string): readonly string[] {
  const open: string[] = []
  return html.split('\n').map((line) => {
    const before = open.join('')
    for (const tag of line.match(/<span[^>]*>|<\/span>/g) ?? []) {
      if (tag === '</span>') open.pop()
      else open.push(tag)
    }
    return `${before}${line}${'</span>'.repeat(open.length)}`
  })
}
