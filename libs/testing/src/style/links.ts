import { posix } from 'node:path'
import type { SourceFile } from './source-tree.ts'

/** Relative links of a Markdown file that lead nowhere: 'path:line: target'. `exists` knows files and folders. */
export function brokenLinks(file: SourceFile, exists: (path: string) => boolean, textOf: (path: string) => string) {
  return linksOf(file).flatMap(({ line, target }) => {
    const [path = '', anchor] = target.split('#')
    const absolute = path === '' ? file.path : posix.join(posix.dirname(file.path), decodeURI(path))
    if (!exists(absolute)) return [`${file.path}:${line}: ${target}`]
    if (!anchor || !absolute.endsWith('.md') || anchorsOf(textOf(absolute)).has(anchor)) return []
    return [`${file.path}:${line}: ${target} (no such heading)`]
  })
}

/** Paths of this repository that a Markdown file names in backticks and that are not there: 'path:line: name'. */
export function lostPaths(file: SourceFile, exists: (path: string) => boolean): string[] {
  return linesOutsideCode(file.text).flatMap((text, index) =>
    [...text.matchAll(/`((?:libs|apps|docs|prisma|helm|deploy|bench|examples)\/[\w./-]+)`/g)]
      .map((match) => match[1] ?? '')
      .filter((path) => !exists(path))
      .map((path) => `${file.path}:${index + 1}: ${path}`),
  )
}

interface Link {
  readonly line: number
  readonly target: string
}

function linksOf(file: SourceFile): Link[] {
  const links: Link[] = []
  linesOutsideCode(file.text).forEach((text, index) => {
    for (const match of text.replace(/`[^`]*`/g, '').matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)|\b(?:src|href)="([^"]+)"/g)) {
      const target = match[1] ?? match[2] ?? ''
      if (!/^[a-z][a-z0-9+.-]*:/i.test(target)) links.push({ line: index + 1, target })
    }
  })
  return links
}

/** The headings of a page as anchors, the way that GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = linesOutsideCode(text).flatMap((line) => /^#{1,6} +(.*?) *#*$/.exec(line)?.[1] ?? [])
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** The lines of a page, those in code blocks emptied so that numbers stay right. */
function linesOutsideCode(text: string): string[] {
  let fence = false
  return text.split('\n').map((line) => {
    if (/^\s*(```|~~~)/.test(line)) {
      fence = !fence
      return ''
    }
    return fence ? '' : line
  })
}
