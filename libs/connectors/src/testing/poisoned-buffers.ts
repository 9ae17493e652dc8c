import { AnswerBuffers, type LentBuffer } from '../kafka/network/answer-buffers.ts'

/** Overwrites at once what is given back, so that whoever still looks at it is found out. */
export class PoisonedBuffers extends AnswerBuffers {
  /** Most memory that there was. */
  peakBytes = 0

  override lend(length: number): LentBuffer {
    const lent = super.lend(length)
    this.peakBytes = Math.max(this.peakBytes, this.totalBytes)
    return lent
  }

  protected override take(bytes: Buffer): void {
    bytes.fill(0xaa)
    super.take(bytes)
  }
}
