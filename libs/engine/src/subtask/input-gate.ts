import { LightflusError } from '@lightflus/api'
import { maxWatermark, minWatermark, type Barrier, type StreamElement } from '../record.ts'
import { MergedWatermark } from '../watermark/merged-watermark.ts'
import type { InputChannel } from './ports.ts'

/** What comes out: batches say which input they came in by. */
export type GateElement =
  (StreamElement & { readonly kind: 'batch' } & { readonly input: number }) | Exclude<StreamElement, { kind: 'batch' }>

/** `blocked`: its barrier has arrived and that of another channel has not. */
type ChannelState = 'open' | 'blocked' | 'ended'

/**
 * Makes one stream out of a subtask's input channels. Its watermark is the least of all channels'. A barrier comes out
 * once it has come in on every channel; until then nothing more is taken from channels on which it has, so that no
 * record from behind it gets into the snapshot. A channel that has ended counts as aligned. The end comes out once all
 * channels have ended, after the last watermark.
 */
export class InputGate {
  readonly #channels: readonly InputChannel[]
  /** Which input of the root each channel belongs to. */
  readonly #inputs: readonly number[]
  readonly #states: ChannelState[]
  readonly #attempt: number
  readonly #watermark = new MergedWatermark<number>()
  /** What has become due and not yet been handed out. */
  readonly #due: Exclude<StreamElement, { kind: 'batch' }>[] = []
  #aligning: Barrier | undefined
  #aligningSince = 0
  #alignmentMs = 0
  readonly #elapsed: () => number
  /** The channel that is asked first: one after the other, so that none starves. */
  #turn = 0

  /** @param inputs the channels of each input. @param elapsed milliseconds, see Host. */
  constructor(
    inputs: readonly (readonly InputChannel[])[],
    attempt: number,
    wake: () => void,
    elapsed: () => number = () => 0,
  ) {
    this.#elapsed = elapsed
    const channels = inputs.flat()
    this.#channels = channels
    this.#inputs = inputs.flatMap((ofInput, input) => ofInput.map(() => input))
    this.#states = channels.map(() => 'open')
    this.#attempt = attempt
    channels.forEach((channel, index) => {
      this.#watermark.set(index, minWatermark, false)
      channel.onArrival(wake)
    })
  }

  /** How long the barrier that came out last had to wait from its first channel's to its last's, milliseconds. */
  get alignmentMs(): number {
    return this.#alignmentMs
  }

  /** The next element of the merged stream, or undefined when there is none now. */
  next(): GateElement | undefined {
    for (;;) {
      const due = this.#due.shift()
      if (due !== undefined) return due
      const taken = this.#take()
      if (taken === undefined) return undefined
      const { channel, element } = taken
      if (element.kind === 'batch') return { ...element, input: this.#inputs[channel] }
      this.#accept(channel, element)
    }
  }

  #take(): { channel: number; element: StreamElement } | undefined {
    const count = this.#channels.length
    for (let i = 0; i < count; i++) {
      const channel = (this.#turn + i) % count
      if (this.#states[channel] !== 'open') continue
      const element = this.#channels[channel].take()
      if (element === undefined) continue
      this.#turn = (channel + 1) % count
      return { channel, element }
    }
    return undefined
  }

  #accept(channel: number, element: Exclude<StreamElement, { kind: 'batch' }>): void {
    switch (element.kind) {
      case 'watermark':
        return this.#advance(channel, element.timestamp, element.idle)
      case 'barrier':
        this.#begin(element)
        this.#states[channel] = 'blocked'
        return this.#finishAlignment()
      case 'end':
        this.#states[channel] = 'ended'
        // Before the barrier that waits for it: the sender's snapshot has this end in it too.
        this.#advance(channel, maxWatermark, false)
        this.#finishAlignment()
        if (this.#states.every((state) => state === 'ended')) this.#due.push({ kind: 'end' })
    }
  }

  #advance(channel: number, timestamp: number, idle: boolean): void {
    this.#watermark.set(channel, timestamp, idle)
    if (!this.#watermark.advance()) return
    this.#due.push({ kind: 'watermark', timestamp: this.#watermark.timestamp, idle: this.#watermark.idle })
  }

  #begin(barrier: Barrier): void {
    if (barrier.attempt !== this.#attempt)
      throw new LightflusError(
        'LF_EXCHANGE_PROTOCOL',
        `A barrier of attempt ${barrier.attempt} reached a subtask of attempt ${this.#attempt}.`,
      )
    if (!this.#aligning) this.#aligningSince = this.#elapsed()
    this.#aligning ??= barrier
    // Senders send their barriers in order, so another number here means that elements were lost or repeated.
    if (this.#aligning.checkpoint !== barrier.checkpoint)
      throw new LightflusError(
        'LF_EXCHANGE_PROTOCOL',
        `Barrier ${barrier.checkpoint} arrived while barrier ${this.#aligning.checkpoint} was being aligned.`,
      )
  }

  #finishAlignment(): void {
    if (this.#aligning === undefined || this.#states.includes('open')) return
    const { checkpoint, attempt, final } = this.#aligning
    this.#due.push({ kind: 'barrier', checkpoint, attempt, final })
    this.#aligning = undefined
    this.#alignmentMs = Math.max(0, this.#elapsed() - this.#aligningSince)
    this.#states.forEach((state, index) => {
      if (state === 'blocked') this.#states[index] = 'open'
    })
  }
}
