import fc from 'fast-check'
import { stripVTControlCharacters } from 'node:util'
import { LiveBlock } from './live-block.ts'

/** A terminal as far as a live block needs one: lines, a cursor, "up" and "clear below". */
class Screen {
  readonly lines: string[] = ['']
  #row = 0

  write(text: string): void {
    for (const [part, up, clear] of text.matchAll(/\u001b\[(\d+)A|(\u001b\[0J)|\n|[^\u001b\n]+|\u001b\[[\d;]*m/g)) {
      if (up) this.#row = Math.max(0, this.#row - Number(up))
      else if (clear) this.lines.splice(this.#row, Infinity, '')
      else if (part === '\n') this.lines[(this.#row += 1)] ??= ''
      else if (!part.startsWith('\u001b')) this.lines[this.#row] += part
    }
  }
}

// Goal: the picture is always the last thing on the screen, and what was written above it stays, in order.

const step = fc.oneof(
  fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 9 }), { maxLength: 6 })
    .map((lines) => ({ draw: lines })),
  fc.string({ unit: fc.constantFrom('x', 'y'), minLength: 1, maxLength: 30 }).map((line) => ({ above: line })),
)

it('draws over itself and over nothing else', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const screen = new Screen()
      const block = new LiveBlock({ write: (text) => screen.write(text), size: () => ({ columns: 10, rows: 5 }) })
      const above: string[] = []
      let picture: readonly string[] = []
      for (const each of steps) {
        if ('draw' in each) {
          block.draw(each.draw)
          picture = each.draw.slice(-4)
        } else {
          block.above(each.above)
          above.push(each.above)
        }
      }
      expect(screen.lines).toEqual([...above, ...picture, ''])
      block.clear()
      expect(screen.lines).toEqual([...above, ''])
    }),
  )
})

it('cuts lines to the width of the terminal and leaves colours whole', () => {
  let written = ''
  const block = new LiveBlock({ write: (text) => (written += text), size: () => ({ columns: 6, rows: 5 }) })
  block.draw(['\u001b[32mgreen\u001b[39m and more', 'sixsix'])
  expect(stripVTControlCharacters(written)).toBe('green…\nsixsix\n')
  expect(written.startsWith('\u001b[32mgreen')).toBe(true)
})
