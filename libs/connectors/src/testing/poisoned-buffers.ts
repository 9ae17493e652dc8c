import { AnswerBuffers } from '../kafka/network/answer-buffers.ts'

/** Overwrites at once what is given back, so that whoever still looks at it is found out. */
export class PoisonedBuffers extends AnswerBuffers {
  protected override take(bytes: Buffer): void {
    bytes.fill(0xaa)
    super.take(bytes)
  }
}
