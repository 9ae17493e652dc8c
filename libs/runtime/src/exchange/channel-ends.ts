import type { Bell } from './bell.ts'
import type { Columns } from './columns/create-column.ts'
import type { PeerPort } from './peer-port.ts'
import type { RingPlace } from './ring.ts'

/** What one end of a channel between two slots is made of. */
export interface ChannelEnds {
  readonly memory: SharedArrayBuffer
  readonly place: RingPlace
  readonly edge: { readonly number: number; readonly id: string }
  /** The slot at the other end, and the port to it. */
  readonly peer: number
  readonly port: PeerPort
  readonly bell: Bell
  readonly columns: Columns
  readonly signal: AbortSignal
}
