import type { SourceFile } from './source-tree.ts'

interface Banned {
  readonly pattern: RegExp
  readonly instead: string
  /** Files in which the words are right. */
  readonly except?: RegExp
}

// Written so that this file does not hold the words that it looks for.
const words = (...parts: string[]) => new RegExp(parts.join('|'), 'i')

/** Words that must not stand in any file. */
export const bannedWords: readonly Banned[] = [
  { pattern: new RegExp('\\b(TO' + 'DO|FIX' + 'ME|X' + 'XX)\\b'), instead: 'do it, or open an issue' },
  {
    pattern: words('registry\\.npm' + 'js', 'repo1?\\.mav' + 'en', 'proxy\\.gol' + 'ang', 'files\\.pythonh' + 'osted'),
    instead: "name no registry's host: the machine's settings choose it",
  },
  { pattern: words('@ts-ig' + 'nore', '@ts-noch' + 'eck'), instead: 'mend the type' },
  { pattern: words('\\btopo' + 'logy\\b'), instead: 'graph or job', except: /^helm\// },
  // In WebAssembly it is the name of an instruction.
  { pattern: words('\\bshuf' + 'fle\\b'), instead: 'exchange', except: /^libs\/[^/]+\/wasm\// },
  { pattern: words('\\berror top' + 'ic\\b', '\\bdead[- ]letter qu' + 'eue\\b'), instead: 'dead letter' },
]

/** Each line with a banned word: 'path:line: word; instead'. */
export function wordsOf(file: SourceFile): string[] {
  if (file.path.endsWith('style/rules.spec.ts')) return []
  return file.text.split('\n').flatMap((line, index) =>
    bannedWords.flatMap(({ pattern, instead, except }) => {
      const match = except?.test(file.path) ? null : pattern.exec(line)
      return match ? [`${file.path}:${index + 1}: ${match[0].trim()}; ${instead}`] : []
    }),
  )
}
