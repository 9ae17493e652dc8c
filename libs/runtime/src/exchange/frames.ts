import type { StreamElement } from '@lightflus/engine'
import type { Views } from './views.ts'

/** Kinds of frames in a ring; 0 is the ring's own. An element that does not fit goes in pieces, the last of which is told. */
export const frameKinds = { batch: 1, watermark: 2, barrier: 3, end: 4, piece: 5, lastPiece: 6 } as const

/** What any frame but one with a batch takes at most, its head included. */
export const controlFrameBytes = 64

type Control = Exclude<StreamElement, { readonly kind: 'batch' }>

/** @returns the position behind it */
export function writeControl(element: Control, { f64 }: Views, start: number): number {
  const at = start >> 3
  switch (element.kind) {
    case 'watermark':
      f64[at] = element.timestamp
      f64[at + 1] = element.idle ? 1 : 0
      return start + 16
    case 'barrier':
      f64[at] = element.checkpoint
      f64[at + 1] = element.attempt
      f64[at + 2] = element.final ? 1 : 0
      return start + 24
    case 'end':
      return start
  }
}

export function readControl(kind: number, { f64 }: Views, start: number): Control {
  const at = start >> 3
  switch (kind) {
    case frameKinds.watermark:
      return { kind: 'watermark', timestamp: f64[at], idle: f64[at + 1] === 1 }
    case frameKinds.barrier:
      return { kind: 'barrier', checkpoint: f64[at], attempt: f64[at + 1], final: f64[at + 2] === 1 }
    default:
      return { kind: 'end' }
  }
}
