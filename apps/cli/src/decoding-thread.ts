import { parentPort, workerData } from 'node:worker_threads'
import type { JobDefinition } from '@lightflus/api'
import { sourceDecodings } from '@lightflus/engine'

// Builds the job of a checked bundle with live functions, which the sandbox of the check gives to nobody.
const bundle = `data:text/javascript;base64,${Buffer.from(workerData as string).toString('base64')}`
const { default: definition } = (await import(bundle)) as { readonly default: JobDefinition }
parentPort!.postMessage(sourceDecodings(definition.build()))
