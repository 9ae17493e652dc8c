import { stop } from 'esbuild'
import { closeSandbox } from './graph/build-graph.ts'
import { closeTypeChecker } from './types/check-types.ts'

/**
 * Ends the threads and the process that checks run in, once those at hand are done. They also end by themselves when
 * idle, and keep no process alive; the next check starts them again.
 */
export async function closeCompiler(): Promise<void> {
  await Promise.all([closeBuild(), closeTypeChecker()])
}

/** Ends what bundles and builds graphs, some 50 MB, and leaves the checking of types alone. */
export async function closeBuild(): Promise<void> {
  await closeSandbox()
  await stop()
}
