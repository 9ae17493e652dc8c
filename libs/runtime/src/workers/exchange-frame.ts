import { frameKinds } from '../exchange/frames.ts'

/** What goes between the bridges of two workers: frames of rings as they are, and three kinds of the bridges' own. */
export const bridgeKinds = {
  ...frameKinds,
  /** Values that only a structured clone can carry, serialised: they belong to the next batch of the way. */
  foreign: 16,
  /** What the receiver has put into its ring: the sender may send so many more bytes. */
  credit: 17,
  /** How far the sources of slot `from` are that wait for others. */
  alignment: 18,
} as const

/** The way from one subtask to another: the edge's number in the plan, and the slots. */
export interface Way {
  readonly edge: number
  readonly from: number
  readonly to: number
}

/** Kind, edge, from, to as uint16 each, then bytes as a float64: of a credit, else 0. */
export const exchangeHeadBytes = 16

export function writeExchangeHead(head: Buffer, kind: number, { edge, from, to }: Way, bytes = 0): Buffer {
  head.writeUInt16LE(kind, 0)
  head.writeUInt16LE(edge, 2)
  head.writeUInt16LE(from, 4)
  head.writeUInt16LE(to, 6)
  head.writeDoubleLE(bytes, 8)
  return head
}

export interface ExchangeHead extends Way {
  readonly kind: number
  readonly bytes: number
}

export function readExchangeHead(message: Buffer): ExchangeHead {
  return {
    kind: message.readUInt16LE(0),
    edge: message.readUInt16LE(2),
    from: message.readUInt16LE(4),
    to: message.readUInt16LE(6),
    bytes: message.readDoubleLE(8),
  }
}

/** What a frame counts for against the bound of what is on its way, bytes: even an empty one takes room. */
export function frameCost(payloadBytes: number): number {
  return payloadBytes + 64
}
