import fc from 'fast-check'
import { highlightLines } from './highlight.ts'

const textOf = (html: string): string =>
  html
    .replace(/<\/?span[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')

describe('highlighting', () => {
  test('a comment over several lines is whole on each', () => {
    expect(highlightLines('/* a\nb */ c')).toEqual([
      '<span class="hljs-comment">/* a</span>',
      '<span class="hljs-comment">b */</span> c',
    ])
  })

  test('changes no character, and lets no markup of the program through', () => {
    const piece = fc.constantFrom(
      '<img src=x>',
      '`',
      '${',
      '}',
      "'",
      '"',
      '\n',
      '/*',
      '*/',
      '// ',
      'const x = 1',
      '&amp;',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const program = pieces.join('')
        const lines = highlightLines(program)
        expect(lines.map(textOf).join('\n')).toBe(program)
        for (const line of lines) {
          expect(line).not.toContain('<img')
          expect(line.split('<span').length).toBe(line.split('</span>').length)
        }
      }),
    )
  })
})
