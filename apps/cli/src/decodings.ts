import { Worker } from 'node:worker_threads'
import type { Bundle } from '@lightflus/compiler'
import type { SourceDecoding } from '@lightflus/engine'

/** How long a program may take to be built: it has been built once, in the check. */
const buildMsMax = 10_000
const heapMegabytesMax = 256

const fromSources = import.meta.url.endsWith('.ts')
const entry = new URL(fromSources ? './decoding-thread.ts' : './decoding-thread.js', import.meta.url)

/**
 * What the sources of a program decode of their records. It is built in a thread of its own, with no environment, as
 * `lightflus run` would build it.
 * @returns undefined where it could not be built so: the graph is told without.
 */
export async function decodingsOf(bundle: Bundle): Promise<readonly SourceDecoding[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly SourceDecoding[] | undefined>()
  const worker = new Worker(entry, {
    workerData: bundle.text,
    env: {},
    // What the program writes meanwhile was shown by the check.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
    ...(fromSources && { execArgv: ['--conditions=@lf/source'] }),
  })
  const deadline = setTimeout(resolve, buildMsMax, undefined)
  worker.once('message', (decodings: readonly SourceDecoding[]) => resolve(decodings))
  worker.once('error', () => resolve(undefined))
  worker.once('exit', () => resolve(undefined))
  try {
    return await promise
  } finally {
    clearTimeout(deadline)
    await worker.terminate()
  }
}
