import type { Mutation } from './mutations.ts'

/** Where a record's head has what: see session-link.ts. */
const [processAt, numberAt] = [20, 24]

/** What stands between a topic and whoever reads it. */
export interface ForgedReader {
  wrote(record: Buffer): void
  read(record: Buffer, onRecord: (record: Buffer) => void): void
}

interface Sender {
  /** The highest number that came. */
  to: number
  /** By how much numbers are wrong. */
  shift: number
}

/**
 * Changes the heads of records so that whoever reads them does what a faulty build would: it takes what came before, takes no
 * notice of what is missing, or hears what an attempt before sent.
 */
export function forgedReader(mutation: Mutation | undefined): ForgedReader {
  const senders = new Map<string, Sender>()
  let own: Buffer | undefined
  const renumbered = (record: Buffer, number: number): Buffer => {
    record.writeDoubleLE(number, numberAt)
    return record
  }
  const senderOf = (record: Buffer): Sender => {
    const id = record.toString('hex', 0, 18) + record.toString('hex', processAt, numberAt)
    const known = senders.get(id) ?? { to: 0, shift: 0 }
    senders.set(id, known)
    return known
  }

  function forge(record: Buffer): Buffer | undefined {
    const number = record.readDoubleLE(numberAt)
    if (mutation === 'old-attempt-heard' && own && record.compare(own, 0, 16, 0, 16) !== 0) {
      own.copy(record, 0, 0, 16)
      const sender = senderOf(record)
      sender.shift += 1
      return renumbered(record, sender.to + sender.shift)
    }
    const sender = senderOf(record)
    if (mutation === 'exchange-repeats-taken' && number <= sender.to) {
      sender.shift += 1
      return renumbered(record, sender.to + sender.shift)
    }
    if (mutation === 'exchange-gap-ignored') {
      if (number <= sender.to) return undefined
      sender.shift -= number - sender.to - 1
    }
    sender.to = Math.max(sender.to, number)
    return renumbered(record, number + sender.shift)
  }

  return {
    wrote: (record) => void (own = record),
    read: (record, onRecord) => {
      const isForged =
        mutation === 'exchange-repeats-taken' || mutation === 'exchange-gap-ignored' || mutation === 'old-attempt-heard'
      const given = isForged ? forge(record) : record
      if (given) onRecord(given)
    },
  }
}
