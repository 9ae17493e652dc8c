import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { SecretBox } from './secret-box.ts'

const box = new SecretBox(randomBytes(32))

describe('a sealed value', () => {
  test('opens to what was sealed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => box.open(box.seal(text, 'here'), 'here') === text.toWellFormed(),
      ),
    )
  })

  test('differs each time', () => {
    expect(box.seal('same', 'here')).not.toEqual(box.seal('same', 'here'))
  })

  test('does not open elsewhere, with another key, or with any bit changed', () => {
    const sealed = box.seal('secret', 'connection/a')
    expect(() => box.open(sealed, 'connection/b')).toThrow()
    expect(() => new SecretBox(randomBytes(32)).open(sealed, 'connection/a')).toThrow()
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3] ^= 1 << (bit & 7)
      expect(() => box.open(changed, 'connection/a')).toThrow()
    }
  })
})
