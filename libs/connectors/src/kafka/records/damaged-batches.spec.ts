import fc from 'fast-check'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { jest } from '@jest/globals'
import { damage } from '../../testing/damaged-bytes.ts'
import { WireError } from '../protocol/wire.ts'
import { expand, expandedBytesMax } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { unlz4 } from './lz4.ts'
import { encodeBatch } from '../../testing/encode-batch.ts'
import { batchesIn, isAbort, recordsIn, type NewRecord } from './record-batch.ts'
import { unsnappy } from './snappy.ts'

const headerBytes = 61
const record = (value: string): NewRecord => ({
  key: Buffer.from('k'),
  value: Buffer.from(value),
  timestamp: 1_700_000_000_000,
  headers: [{ name: 'h', value: Buffer.from('1') }],
})
const plain = Buffer.from(encodeBatch([record('one'), record('two'), record('three')], 'none'))
const body = plain.subarray(headerBytes)

/** Snappy and LZ4 that hold bytes as they are, besides what is repeated: enough to be damaged. */
const stored = {
  snappy: Buffer.concat([Buffer.of(body.length, (60 << 2) | 0, body.length - 1), body]),
  lz4: Buffer.concat([
    Buffer.from('04224d18604000', 'hex'),
    littleEndian(0x8000_0000 + body.length),
    body,
    Buffer.alloc(4),
  ]),
}
const bodies = [body, gzipSync(body), stored.snappy, stored.lz4, zstdCompressSync(body)]

function littleEndian(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes
}

/** A batch whose checksum is right, whatever else is not: as a broker or a producer at fault would write it. */
function sealed(header: Buffer, records: Buffer): Buffer {
  const batch = Buffer.concat([header, records])
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt8(2, 16)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

function headerOf(codec: number, fields: { last?: number; count?: number; control?: boolean } = {}): Buffer {
  const header = Buffer.from(plain.subarray(0, headerBytes))
  header.writeInt16BE(codec | (fields.control ? 0x30 : 0), 21)
  if (fields.last !== undefined) header.writeInt32BE(fields.last, 23)
  if (fields.count !== undefined) header.writeInt32BE(fields.count, 57)
  return header
}

const read = (bytes: Buffer) => [...batchesIn(bytes)].flatMap((batch) => [...recordsIn(batch, 'orders/0')])
const isTyped = (thrown: unknown) =>
  thrown instanceof WireError || (thrown as { code?: unknown }).code === 'LF_KAFKA_COMPRESSION'

describe.each([...bodies.entries()])('a batch in codec %i', (codec, packed) => {
  it('is read', () => {
    expect(read(sealed(headerOf(codec), packed)).map(({ value }) => Buffer.from(value!).toString())).toEqual([
      'one',
      'two',
      'three',
    ])
  })

  it('that is damaged under a right checksum is an error, or records of its own offsets and bytes', () => {
    fc.assert(
      fc.property(damage, damage, fc.boolean(), (headerDamage, bodyDamage, isHeader) => {
        const header = Buffer.alloc(headerBytes)
        ;(isHeader ? headerDamage(headerOf(codec)) : headerOf(codec)).copy(header)
        const bytes = sealed(header, isHeader ? packed : bodyDamage(packed))
        try {
          for (const batch of batchesIn(bytes))
            for (const { offset, timestamp, value } of recordsIn(batch, 'orders/0')) {
              expect(offset).toBeGreaterThanOrEqual(batch.baseOffset)
              expect(offset).toBeLessThan(batch.nextOffset)
              expect(Number.isSafeInteger(timestamp)).toBe(true)
              expect(value?.length ?? 0).toBeLessThanOrEqual(255 * bytes.length)
            }
        } catch (thrown) {
          if (!isTyped(thrown)) throw thrown
        }
      }),
      { numRuns: 1_500 },
    )
  })
})

describe('what a batch says of itself', () => {
  it('is held against what is in it', () => {
    const spoilt = (fields: { last?: number; count?: number }) => read(sealed(headerOf(0, fields), body))
    expect(() => spoilt({ count: 2 })).toThrow('more than its records')
    expect(() => spoilt({ count: 4 })).toThrow(WireError)
    expect(() => spoilt({ count: -1 })).toThrow('-1 records')
    expect(() => spoilt({ count: 0x7fff_ffff })).toThrow(WireError)
    expect(() => spoilt({ last: 1 })).toThrow('not of its batch')
    expect(() => spoilt({ last: -2 })).toThrow(WireError)
  })

  it('is no time beyond 2^53', () => {
    const later = { ...record('later'), timestamp: record('').timestamp + 1 }
    const batch = Buffer.from(encodeBatch([record('first'), later], 'none'))
    batch.writeBigInt64BE(BigInt(Number.MAX_SAFE_INTEGER), 27)
    expect(() => read(sealed(batch.subarray(0, headerBytes), batch.subarray(headerBytes)))).toThrow('2^53')
  })

  it('never leads back behind the batch before', () => {
    expect(() => read(Buffer.concat([plain, plain]))).toThrow('offsets 0 to 2')
  })

  it('may be that compaction has emptied it: a control batch ends no transaction then', () => {
    const [control] = [...batchesIn(sealed(headerOf(0, { control: true, count: 0 }), Buffer.alloc(0)))]
    expect([control!.isControl, isAbort(control!)]).toEqual([true, false])
    expect(read(sealed(headerOf(1, { count: 0 }), Buffer.alloc(0)))).toEqual([])
  })
})

describe('expanding', () => {
  afterEach(() => jest.restoreAllMocks())

  /** An LZ4 frame of blocks that repeat one byte: each of 16 KiB stands for 4 MiB. */
  function lz4Bomb(blocks: number): Buffer {
    const lengths = Buffer.alloc(16_448, 255).fill(0, 16_447)
    const block = Buffer.concat([Buffer.from([0x1f, 0x61, 1, 0]), lengths, Buffer.from([0x10, 0x61])])
    const each = Buffer.concat([littleEndian(block.length), block])
    return Buffer.concat([Buffer.from('04224d18607000', 'hex'), ...Array<Buffer>(blocks).fill(each), Buffer.alloc(4)])
  }

  it('ends at the bound in every codec', () => {
    const zeros = Buffer.alloc(expandedBytesMax + 1)
    const bombs = [gzipSync(zeros), Buffer.from([0x81, 0x80, 0x80, 0x40, 0, 0]), lz4Bomb(40), zstdCompressSync(zeros)]
    expect(unlz4(lz4Bomb(2), expandedBytesMax).length).toBeGreaterThan(8_000_000)
    for (const [at, bomb] of bombs.entries())
      expect(() => expand(at + 1, bomb, 'orders/0')).toThrow(expect.objectContaining({ code: 'LF_KAFKA_COMPRESSION' }))
  })

  it.each([
    ['snappy', unsnappy, stored.snappy, 22],
    [
      'snappy in frames',
      unsnappy,
      Buffer.concat([
        Buffer.from('82534e41505059000000000100000001', 'hex'),
        Buffer.of(0, 0, 0, stored.snappy.length),
        stored.snappy,
      ]),
      22,
    ],
    ['lz4', unlz4, stored.lz4, 255],
  ] as const)('%s takes no more memory than its bytes can stand for', (_name, undo, packed, growth) => {
    const allocate = jest.spyOn(Buffer, 'allocUnsafe')
    expect(undo(packed, expandedBytesMax)).toEqual(body)
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const bytes = damages.reduce((damaged, change) => change(damaged), packed as Buffer)
        allocate.mockClear()
        try {
          undo(bytes, expandedBytesMax)
        } catch (thrown) {
          if (!(thrown instanceof WireError || thrown instanceof RangeError)) throw thrown
        }
        for (const [size] of allocate.mock.calls) expect(size).toBeLessThanOrEqual(growth * bytes.length * 2)
      }),
      { numRuns: 1_500 },
    )
  })
})
