import { Worker } from 'node:worker_threads'
import type { Bundle } from '@lightflus/compiler'
import type { GeneratedSource, SourceDecoding } from '@lightflus/engine'

/** What can only be told of a program once it is built with live functions. */
export interface BuiltFacts {
  readonly decodings: readonly SourceDecoding[]
  readonly sources: readonly GeneratedSource[]
}

/** How long a program may take to be built: it has been built once, in the check. */
const buildMsMax = 10_000
const heapMegabytesMax = 256

const fromSources = import.meta.url.endsWith('.ts')
const entry = new URL(fromSources ? './decoding-thread.ts' : './decoding-thread.js', import.meta.url)

/** What the sources of a program decode of their records: see {@link factsOf}. */
export async function decodingsOf(bundle: Bundle): Promise<readonly SourceDecoding[] | undefined> {
  return (await factsOf(bundle, 1))?.decodings
}

/**
 * Builds a program in a thread of its own, with no environment, as `lightflus run` would build it.
 * @param parallelism of which its chains follow.
 * @returns undefined where it could not be built so.
 */
export async function factsOf(bundle: Bundle, parallelism: number): Promise<BuiltFacts | undefined> {
  const { promise, resolve } = Promise.withResolvers<BuiltFacts | undefined>()
  const worker = new Worker(entry, {
    workerData: { text: bundle.text, parallelism },
    env: {},
    // What the program writes meanwhile was shown by the check.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
    ...(fromSources && { execArgv: ['--conditions=@lf/source'] }),
  })
  const deadline = setTimeout(resolve, buildMsMax, undefined)
  worker.once('message', (facts: BuiltFacts) => resolve(facts))
  worker.once('error', () => resolve(undefined))
  worker.once('exit', () => resolve(undefined))
  try {
    return await promise
  } finally {
    clearTimeout(deadline)
    await worker.terminate()
  }
}
