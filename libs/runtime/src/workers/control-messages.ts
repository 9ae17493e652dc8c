import { deserialize, serialize } from 'node:v8'
import type { SerializedError } from '@lightflus/api'
import type { SnapshotReference, SubtaskCheckpoints } from '@lightflus/engine'
import type { LoggedCheckpoint } from '@lightflus/storage'
import type { MessageFromSlot, MessageToSlot } from '../slot/messages.ts'

/** Names of a deployment's topics. Their partitions are the workers, so a deployment over more of them has its own. */
export function topicNames(prefix: string, workers: number): { readonly control: string; readonly exchange: string } {
  return { control: `${prefix}.control-of-${workers}`, exchange: `${prefix}.exchange-of-${workers}` }
}

/** How often workers tell each other that they are there, milliseconds. */
export const beatMs = 500

/** What is told again and again, or is no harm where it is lost: not numbered, and of no session. */
export type Signal =
  /** To every worker: the session that the coordinator runs, or wants to. */
  | {
      readonly type: 'beat'
      readonly session: string
      /** Of the coordinator, the same for all of its sessions. */
      readonly process: number
      /** The attempt that it has last claimed; 0: none, it has only just begun. */
      readonly after: number
      /** Workers may still join. */
      readonly isOpen: boolean
      /** The processes that take part, by worker. */
      readonly members: ReadonlyMap<number, number>
    }
  /** To every worker: the deployment has come to its end. */
  | { readonly type: 'over'; readonly process: number }
  /** To the coordinator, as all that follow: the worker has ended everything and goes. */
  | { readonly type: 'bye'; readonly worker: number }
  /** The worker takes part in the session. */
  | { readonly type: 'alive'; readonly session: string; readonly worker: number; readonly process: number }
  /** The worker's process has only just begun, and takes no part in the session, which waits for nobody. */
  | { readonly type: 'fresh'; readonly session: string; readonly worker: number; readonly process: number }
  /** The worker had taken part, and has ended that by itself. */
  | {
      readonly type: 'left'
      readonly session: string
      readonly worker: number
      readonly process: number
      readonly error: SerializedError | undefined
    }
  /** The worker takes part in a session of another coordinator, and not in this one any more, or not at all. */
  | { readonly type: 'superseded'; readonly session: string }

/** Numbered, in a session: from the coordinator to a worker. */
export type ToWorker =
  | {
      readonly type: 'start'
      readonly attempt: number
      readonly checkpoints: SubtaskCheckpoints
      /** What is restored. */
      readonly checkpoint: LoggedCheckpoint | undefined
      /** The processes that take part, worker 0 included. */
      readonly members: ReadonlyMap<number, number>
    }
  | { readonly type: 'toSlot'; readonly slot: number; readonly message: Exclude<MessageToSlot, { type: 'start' }> }
  | { readonly type: 'terminate'; readonly slot: number }

type SnapshotMessage = Extract<MessageFromSlot, { type: 'snapshot' }>

/** A slot's snapshot that its worker has stored. */
export interface StoredMessage extends Omit<SnapshotMessage, 'type' | 'file' | 'segments'> {
  readonly type: 'stored'
  readonly snapshot: SnapshotReference
}

/** What a slot says, where it is one of another worker: the graph is known, and snapshots stay where they are stored. */
export type MessageFromRemote =
  | Exclude<MessageFromSlot, { type: 'built' | 'snapshot' | 'ingestQuestion' }>
  | { readonly type: 'built'; readonly graphHash: string }
  | StoredMessage

/** Numbered, in a session: from a worker to the coordinator. */
export type FromWorker =
  | { readonly type: 'fromSlot'; readonly slot: number; readonly message: MessageFromRemote }
  | { readonly type: 'slotFailed'; readonly slot: number; readonly error: SerializedError }
  | { readonly type: 'failed'; readonly error: SerializedError }
  | { readonly type: 'terminated'; readonly slot: number; readonly hasEnded: boolean }

/** In place of a session's id. */
const noSession = Buffer.alloc(16)

export function encodeSignal(signal: Signal): Uint8Array {
  return Buffer.concat([noSession, serialize(signal)])
}

/** Undefined: the record belongs to a session. */
export function decodeSignal(record: Buffer): Signal | undefined {
  if (record.compare(noSession, 0, 16, 0, 16) !== 0) return undefined
  return deserialize(record.subarray(16)) as Signal
}

export function encodeMessage(message: ToWorker | FromWorker): Uint8Array {
  return serialize(message)
}

export function decodeMessage<Message extends ToWorker | FromWorker>(bytes: Buffer): Message {
  return deserialize(bytes) as Message
}
