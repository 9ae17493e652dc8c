import { catalogue, type ErrorCode, type Graph, type OperatorKind } from '@lightflus/api'
import { SupervisedThread } from '../thread/supervised-thread.ts'
import type { BuildLimits, Bundle, ConnectionUse, Diagnostic } from '../program.ts'
import { originalPosition } from '../bundle/original-position.ts'
import { errorAt, warningAt, type Position } from '../diagnostic.ts'
import { answerLengthMax, type SandboxRequest, type SandboxResult } from './sandbox-request.ts'
import { programModule, type SandboxAnswer, type ThrownInSandbox } from './sandbox-script.ts'
import { parseGraph } from './parse-graph.ts'

export const defaultLimits: BuildLimits = { buildMsMax: 2_000, memoryBytesMax: 128 * 2 ** 20 }

/** What a thread may take beyond the program's own time: to start, and to load the engine. */
const threadAllowanceMs = 3_000

/** Where programs are built. The context is for those that this process runs anyway: see context.ts. */
export type BuildPlace = 'sandbox' | 'context'

const fromSources = import.meta.url.endsWith('.ts')

const threads: Readonly<Record<BuildPlace, SupervisedThread<SandboxRequest, SandboxResult>>> = {
  sandbox: new SupervisedThread({
    entry: new URL(fromSources ? './sandbox-thread.ts' : './sandbox-thread.js', import.meta.url),
    heapBytesMax: 128 * 2 ** 20,
    stackBytes: 32 * 2 ** 20,
    idleMs: 30_000,
    waitingMax: 64,
  }),
  context: new SupervisedThread({
    entry: new URL(fromSources ? './context-thread.ts' : './context-thread.js', import.meta.url),
    heapBytesMax: 128 * 2 ** 20,
    stackBytes: 4 * 2 ** 20,
    idleMs: 30_000,
    waitingMax: 64,
    nodeOptions: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  }),
}

export interface GraphBuild {
  readonly graph: Graph | null
  readonly connections: readonly ConnectionUse[]
  readonly diagnostics: readonly Diagnostic[]
  /** What the program wrote to its console while it was built. */
  readonly console: readonly string[]
}

/** Starts what graphs are built in, for a program that is about to come. */
export function openContext(): void {
  threads.context.open()
}

/** Ends the threads that graphs are built in. */
export async function closeSandbox(): Promise<void> {
  await Promise.all([threads.sandbox.close(), threads.context.close()])
}

/** Builds the graph of a bundle, by default in a sandbox. Whatever the program does there ends as a diagnostic. */
export async function buildGraph(
  bundle: Bundle,
  file: string,
  limits: BuildLimits,
  place: BuildPlace = 'sandbox',
): Promise<GraphBuild> {
  const result = await threads[place].call({ bundle: bundle.text, limits }, limits.buildMsMax + threadAllowanceMs)
  if (result.kind !== 'answer') return failed(threadFailure(result.kind, file, limits))
  if (result.value.kind !== 'answered') return failed(sandboxFailure(result.value, file, limits))
  let answer: SandboxAnswer
  try {
    answer = JSON.parse(result.value.text) as SandboxAnswer
    const console = answer.console.map(String)
    switch (answer.kind) {
      case 'no-job':
        return failed(
          errorAt(file, 'LF_PROGRAM_NO_JOB', `The default export is ${answer.found}, not a job made by job().`),
          console,
        )
      case 'threw':
        return failed(thrown(answer.error, bundle, file), console)
      case 'graph': {
        const graph = parseGraph(answer.graph)
        return { graph, connections: connectionUses(graph), diagnostics: unnamedOperators(graph, file), console }
      }
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return failed(errorAt(file, 'LF_PROGRAM_GRAPH', `What the program built is no graph: ${reason}.`))
  }
}

function failed(diagnostic: Diagnostic, console: readonly string[] = []): GraphBuild {
  return { graph: null, connections: [], diagnostics: [diagnostic], console }
}

function threadFailure(kind: 'time' | 'memory' | 'busy', file: string, limits: BuildLimits): Diagnostic {
  switch (kind) {
    case 'time':
      return errorAt(file, 'LF_PROGRAM_LIMIT', `Building the graph took longer than ${limits.buildMsMax / 1_000} s.`)
    case 'memory':
      return errorAt(file, 'LF_PROGRAM_LIMIT', 'Building the graph took too much memory.')
    case 'busy':
      return errorAt(file, 'LF_COMPILER_BUSY', 'Too many programs are being checked at once.')
  }
}

function sandboxFailure(
  result: Exclude<SandboxResult, { kind: 'answered' }>,
  file: string,
  limits: BuildLimits,
): Diagnostic {
  switch (result.kind) {
    case 'time':
      return threadFailure('time', file, limits)
    case 'memory':
      return errorAt(
        file,
        'LF_PROGRAM_LIMIT',
        `Building the graph took more memory than ${limits.memoryBytesMax / 2 ** 20} MiB.`,
      )
    case 'answer-size':
      return errorAt(file, 'LF_PROGRAM_LIMIT', `The graph is larger than ${answerLengthMax / 2 ** 20} MiB.`)
    case 'stack':
      return errorAt(file, 'LF_PROGRAM_LIMIT', 'Building the graph recursed too deep.')
    case 'waits':
      return errorAt(file, 'LF_PROGRAM_BUILD', 'The program’s top level waits for something that nothing will settle.')
    case 'failed':
      return errorAt(file, 'LF_PROGRAM_BUILD', `Building the graph failed: ${result.message}`)
  }
}

/** The engine words these itself; they mean that a limit was reached, not that the program threw. */
const limitMessages: Readonly<Record<string, string>> = {
  'out of memory': 'Building the graph took too much memory.',
  'stack overflow': 'Building the graph recursed too deep.',
  'Maximum call stack size exceeded': 'Building the graph recursed too deep.',
}

function thrown(error: ThrownInSandbox, bundle: Bundle, file: string): Diagnostic {
  const place = placeInProgram(error.stack, bundle)
  const limit = Object.hasOwn(limitMessages, error.message) ? limitMessages[error.message] : undefined
  if (limit) return errorAt(file, 'LF_PROGRAM_LIMIT', limit, place)
  if (isProgramCode(error.code)) {
    const usual = catalogue[error.code].nextStep === error.nextStep
    return errorAt(
      file,
      error.code,
      usual || !error.nextStep ? error.message : `${error.message} ${error.nextStep}`,
      place,
    )
  }
  return errorAt(file, 'LF_PROGRAM_BUILD', `Building the graph failed: ${error.name}: ${error.message}`, place)
}

/** The innermost place of a stack that is the author's own code: above it stand the library and zod. */
function placeInProgram(stack: string, bundle: Bundle): Position | undefined {
  for (const [, line, column] of stack.matchAll(new RegExp(`\\b${programModule}:(\\d+):(\\d+)`, 'g'))) {
    const place = originalPosition(bundle.sourceMap, Number(line), Number(column))
    if (place) return place
  }
  return undefined
}

function isProgramCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && code.startsWith('LF_PROGRAM_') && Object.hasOwn(catalogue, code)
}

function connectionUses(graph: Graph): readonly ConnectionUse[] {
  const uses = new Map<string, { name: string; connector: string; operators: string[] }>()
  for (const { id, connector, connection } of graph.operators) {
    if (connector === undefined || connection === undefined) continue
    const use = uses.get(`${connector} ${connection}`) ?? { name: connection, connector, operators: [] }
    use.operators.push(id)
    uses.set(`${connector} ${connection}`, use)
  }
  return [...uses.values()]
}

/** Whose state outlives the last batch, so that without a name a changed program could not find it again. */
const isStateful: { readonly [Kind in OperatorKind]: boolean | 'whereKeyed' } = {
  source: false,
  map: false,
  flatMap: false,
  filter: false,
  keyBy: false,
  reduce: true,
  aggregate: true,
  window: true,
  union: false,
  process: 'whereKeyed',
  connect: true,
  connectBroadcast: true,
  mapAsync: false,
  lookup: false,
  sample: false,
  throttle: false,
  deduplicate: true,
  distinctUntilChanged: true,
  topN: true,
  windowJoin: true,
  intervalJoin: true,
  join: true,
  temporalJoin: true,
  changes: false,
  assignTimestamps: false,
  sink: false,
}

function unnamedOperators(graph: Graph, file: string): readonly Diagnostic[] {
  return graph.operators
    .filter(({ kind, named, options }) => {
      const keepsState = isStateful[kind] === 'whereKeyed' ? options['keyed'] === true : isStateful[kind]
      return keepsState && !named
    })
    .map(({ id }) =>
      warningAt(
        file,
        'LF_PROGRAM_UNNAMED',
        `Operator ${id} keeps state but has no name, so a change of the program could not find its state again.`,
      ),
    )
}
