import type { Worker } from 'node:worker_threads'
import { Session } from 'node:inspector/promises'

/** One call of a stack. Line and column count from one. */
export interface StackFrame {
  readonly functionName: string
  readonly url: string
  readonly line: number
  readonly column: number
}

/** How long the thread may take to answer; the inspector stops it within milliseconds, also in the middle of a loop. */
const answerMsMax = 2_000

interface Script {
  readonly scriptId: string
  readonly url: string
}
interface PausedFrame {
  readonly functionName: string
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number }
}

type WorkerMessage =
  | { readonly method: 'Debugger.scriptParsed'; readonly params: Script }
  | { readonly method: 'Debugger.paused'; readonly params: { readonly callFrames: readonly PausedFrame[] } }
  | { readonly method?: undefined }

async function pause(session: Session, worker: Worker): Promise<StackFrame[]> {
  const urls = new Map<string, string>()
  let attached: string | undefined
  const paused = Promise.withResolvers<StackFrame[]>()
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
    if (!workerInfo.title.startsWith(`[worker ${worker.threadId}]`)) return
    attached = sessionId
    for (const [index, method] of ['Debugger.enable', 'Debugger.pause'].entries()) {
      void session.post('NodeWorker.sendMessageToWorker', {
        sessionId,
        message: JSON.stringify({ id: index + 1, method }),
      })
    }
  })
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const message = JSON.parse(params.message) as WorkerMessage
    if (message.method === 'Debugger.scriptParsed') urls.set(message.params.scriptId, message.params.url)
    if (message.method !== 'Debugger.paused') return
    paused.resolve(
      message.params.callFrames.map(({ functionName, location }) => ({
        functionName,
        url: urls.get(location.scriptId) ?? '',
        line: location.lineNumber + 1,
        column: location.columnNumber + 1,
      })),
    )
  })
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  const late = setTimeout(() => paused.resolve([]), answerMsMax)
  try {
    return await paused.promise
  } finally {
    clearTimeout(late)
    // A thread that is left stopped by a session that is gone cannot even be terminated.
    if (attached !== undefined) await session.post('NodeWorker.detach', { sessionId: attached })
  }
}

/**
 * What a thread that does not answer is doing: its stack, innermost call first; empty where that cannot be told (Node's
 * permission model closes the inspector). It then goes on as before.
 */
export async function probeStack(worker: Worker): Promise<StackFrame[]> {
  const session = new Session()
  try {
    session.connect()
    return await pause(session, worker)
  } catch {
    return []
  } finally {
    session.disconnect()
  }
}
