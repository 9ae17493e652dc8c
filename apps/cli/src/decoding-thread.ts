import { parentPort, workerData } from 'node:worker_threads'
import type { JobDefinition } from '@lightflus/api'
import { generatedSources, planJob, sourceDecodings } from '@lightflus/engine'
import type { BuiltFacts } from './decodings.ts'

// Builds the job of a checked bundle with live functions, which the sandbox of the check gives to nobody.
const { text, parallelism } = workerData as { readonly text: string; readonly parallelism: number }
const bundle = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`
const { default: definition } = (await import(bundle)) as { readonly default: JobDefinition }
const built = definition.build()
const sources = generatedSources(built, planJob(built.graph, parallelism))
parentPort!.postMessage({ decodings: sourceDecodings(built), sources } satisfies BuiltFacts)
