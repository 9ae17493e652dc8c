import { RELEASE_SYNC, newQuickJSWASMModule, type QuickJSContext } from 'quickjs-emscripten'
import { answerLengthMax, type SandboxRequest, type SandboxResult } from './sandbox-request.ts'
import { programModule, sandboxScript } from './sandbox-script.ts'

/** Of the engine's own stack. The thread's must be much larger, for the engine's C code recurses on that one. */
const stackBytesMax = 256 * 2 ** 10

/**
 * Runs a bundle in a QuickJS of its own: a new WebAssembly instance each time, so that what one program does to its
 * engine's memory cannot reach the next one. The engine looks at the clock between its operations; a single operation
 * may still take long, so whoever calls this in a thread must be ready to end the thread.
 */
export async function runInSandbox({ bundle, limits }: SandboxRequest): Promise<SandboxResult> {
  const engine = await newQuickJSWASMModule(RELEASE_SYNC)
  const runtime = engine.newRuntime({ memoryLimitBytes: limits.memoryBytesMax, maxStackSizeBytes: stackBytesMax })
  runtime.setModuleLoader((name) =>
    name === programModule ? bundle : { error: new Error(`No module '${name}' here.`) },
  )
  const context = runtime.newContext()
  let late = false
  const endAt = performance.now() + limits.buildMsMax
  runtime.setInterruptHandler(() => (late ||= performance.now() > endAt))
  try {
    const evaluated = context.evalCode(sandboxScript, 'lightflus', { type: 'global', strict: true })
    if (evaluated.error) return failure(context, late, evaluated.error)
    const promise = evaluated.value
    const executed = runtime.executePendingJobs()
    if (executed.error) return failure(context, late, executed.error)
    const state = context.getPromiseState(promise)
    if (late) return { kind: 'time' }
    if (state.type === 'pending') return { kind: 'waits' }
    if (state.type === 'rejected') return failure(context, late, state.error)
    if (context.typeof(state.value) !== 'string')
      return { kind: 'failed', message: 'The program broke the sandbox it was built in.' }
    if (context.getNumber(context.getProp(state.value, 'length')) > answerLengthMax) return { kind: 'answer-size' }
    return { kind: 'answered', text: context.getString(state.value) }
  } catch (thrown) {
    // The engine's C code overflowed the thread's stack; the instance is not used again.
    if (thrown instanceof RangeError) return { kind: 'stack' }
    if (thrown instanceof Error && thrown.name === 'RuntimeError')
      return { kind: 'failed', message: `The engine gave up: ${thrown.message}.` }
    throw thrown
  }
  // Nothing is disposed of: after an interruption the engine's own bookkeeping may be off, and the whole instance is
  // garbage from here on.
}

function failure(context: QuickJSContext, late: boolean, error: Parameters<QuickJSContext['dump']>[0]): SandboxResult {
  if (late) return { kind: 'time' }
  const dumped: unknown = context.dump(error)
  const message =
    typeof dumped === 'object' && dumped !== null && 'message' in dumped && typeof dumped.message === 'string'
      ? dumped.message
      : String(dumped)
  if (message === 'out of memory') return { kind: 'memory' }
  return { kind: 'failed', message: message.slice(0, 2_000) }
}
