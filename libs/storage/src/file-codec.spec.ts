import fc from 'fast-check'
import { decodeFile, encodeFile, headerBytes } from './file-codec.ts'

const place = { path: 'checkpoints/0000000012-3/0-0', location: 'memory' }

describe('the envelope of files in checkpoint storage', () => {
  it('gives back what was put in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), async (payload) => {
        const { bytes, sha256 } = await encodeFile('snapshot', payload)
        expect([...(await decodeFile('snapshot', bytes, place, sha256))]).toEqual([...payload])
      }),
    )
  })

  it('tells a file that was altered in any bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.nat(7), async (payload, at, bit) => {
        const { bytes } = await encodeFile('snapshot', payload)
        bytes[at % bytes.length]! ^= 1 << bit
        await expect(decodeFile('snapshot', bytes, place)).rejects.toMatchObject({
          code: expect.stringMatching(/^LF_CHECKPOINT_(DAMAGED|FORMAT)$/),
        })
      }),
    )
  })

  it('tells a file that was cut or extended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(), async (payload, length) => {
        const { bytes } = await encodeFile('snapshot', payload)
        const cut = bytes.slice(0, length % bytes.length)
        await expect(decodeFile('snapshot', cut, place)).rejects.toMatchObject({ code: 'LF_CHECKPOINT_DAMAGED' })
        const extended = Buffer.concat([bytes, Buffer.alloc(1)])
        await expect(decodeFile('snapshot', extended, place)).rejects.toMatchObject({ code: 'LF_CHECKPOINT_DAMAGED' })
      }),
    )
  })

  it('tells a whole file that is another one than the manifest names, or of another kind', async () => {
    const file = await encodeFile('snapshot', Buffer.from('one'))
    const other = await encodeFile('snapshot', Buffer.from('two'))
    await expect(decodeFile('snapshot', other.bytes, place, file.sha256)).rejects.toMatchObject({
      message: `${place.path} in memory is damaged: it is not the file that the manifest names.`,
    })
    await expect(decodeFile('entry', file.bytes, place)).rejects.toMatchObject({ code: 'LF_CHECKPOINT_DAMAGED' })
  })

  it('says which format it found where that is another one', async () => {
    const { bytes } = await encodeFile('manifest', Buffer.alloc(headerBytes))
    bytes[4] = 9
    await expect(decodeFile('manifest', bytes, place)).rejects.toMatchObject({
      code: 'LF_CHECKPOINT_FORMAT',
      message: `${place.path} in memory has format 9; this version reads format 1.`,
    })
  })
})
