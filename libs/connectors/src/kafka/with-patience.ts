import { retryPauseMs, type Patience } from '../patience.ts'
import { pause } from '../pause.ts'
import { BrokerError, errorCode } from './protocol/request.ts'

/** Pause before a request that the coordinator is not ready for, milliseconds: it is, as a rule, after three. */
export const briefPauseMs = 10

/** Whether only the transaction before has not quite ended yet. */
export const passesSoon = (thrown: unknown): boolean =>
  thrown instanceof BrokerError && thrown.errorCode === errorCode.concurrentTransactions

/**
 * Makes a call again and again while what it fails with may pass.
 * @throws what will not pass, in our terms; LF_CONNECTION_LOST after half a minute without success; whatever it failed
 *   with last where the signal is aborted
 */
export async function withPatience<T>(call: () => Promise<T>, patience: Patience, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (thrown) {
      if (signal.aborted) throw thrown
      patience.failed(thrown)
      await pause(passesSoon(thrown) ? briefPauseMs : retryPauseMs, signal)
    }
  }
}
