/** Where reading begins on a fresh start. */
export type KafkaStart = 'earliest' | 'latest' | 'committed' | { readonly timestamp: number }

export interface KafkaSourceOptions {
  readonly topic: string
  readonly start: KafkaStart
  /** Consumer group that shows the positions of finished checkpoints; with start 'committed', where reading begins. */
  readonly group: string | null
  /** Payloads are whole records instead of their values. */
  readonly envelope: boolean
  /** Read up to the ends found at the start, then end. */
  readonly bounded: boolean
}

/** What a checkpoint holds of a partition. */
export interface KafkaPosition {
  /** Offset of the next record. */
  readonly offset: number
  /** Identity of the topic that the offset belongs to. */
  readonly topicId: string
  /** In a bounded run, the offset at which it ends. */
  readonly end?: number
}

/** A record as it is handed to the program's `decode` in envelope mode. */
export interface RawRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Of headers that repeat a name the last counts. */
  readonly headers: Readonly<Record<string, Uint8Array>>
  readonly timestamp: number
  readonly partition: number
  /** As text, since it has 64 bits. */
  readonly offset: string
}
