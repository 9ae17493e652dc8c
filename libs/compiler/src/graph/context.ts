import { createContext, Script, SourceTextModule } from 'node:vm'
import { setImmediate } from 'node:timers/promises'
import { answerLengthMax, type SandboxRequest, type SandboxResult } from './sandbox-request.ts'
import { programModule, sandboxScript } from './sandbox-script.ts'

/** What V8 has and the sandbox has not: the script puts the same stand-ins in their place. */
const withoutGlobals = `for (const name of ['Intl', 'Temporal', 'WebAssembly']) delete globalThis[name]`

/** Takes what it needs before the program runs, since the program may change any prototype. */
const settleScript = `(() => {
  const { call } = Function.prototype
  const then = call.bind(Promise.prototype.then)
  return (promise, onAnswer, onFailure) => void then(promise, onAnswer, onFailure)
})()`
type Settle = (
  promise: Promise<unknown>,
  onAnswer: (answer: unknown) => void,
  onFailure: (thrown: unknown) => void,
) => void

/**
 * Runs a bundle as the sandbox does, by the same script, but in a context of this thread's own engine: a program that
 * this process is about to run anyway needs no walls, and its graph is there for a fifth of the processor time. The context has none
 * of Node's globals. It may be kept busy for ever: whoever calls this must be ready to end the thread.
 */
export async function runInContext({ bundle }: SandboxRequest): Promise<SandboxResult> {
  const context = createContext()
  new Script(withoutGlobals).runInContext(context)
  const script = new Script(sandboxScript, {
    filename: 'lightflus',
    importModuleDynamically: async (name: string) => {
      if (name !== programModule) throw new Error(`No module '${name}' here.`)
      const program = new SourceTextModule(bundle, { identifier: programModule, context })
      await program.link((imported) => {
        throw new Error(`No module '${imported}' here.`)
      })
      await program.evaluate()
      return program
    },
  })
  const settle = new Script(settleScript).runInContext(context) as Settle
  let text: unknown
  let failure: unknown
  settle(
    script.runInContext(context) as Promise<unknown>,
    (answer) => (text = answer),
    (thrown) => (failure = thrown ?? 'nothing'),
  )
  // There are no timers and no files in there: what microtasks do not settle stays unsettled.
  await setImmediate()
  if (failure !== undefined) return { kind: 'failed', message: messageOf(failure) }
  if (text === undefined) return { kind: 'waits' }
  if (typeof text !== 'string') return { kind: 'failed', message: 'The program broke the sandbox it was built in.' }
  return text.length > answerLengthMax ? { kind: 'answer-size' } : { kind: 'answered', text }
}

function messageOf(thrown: unknown): string {
  try {
    return String((thrown as { readonly message?: unknown }).message ?? thrown).slice(0, 2_000)
  } catch {
    return 'threw something that cannot be read'
  }
}
