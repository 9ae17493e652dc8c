import { errorAt } from '../diagnostic.ts'
import type { Diagnostic } from '../program.ts'
import { SupervisedThread } from '../thread/supervised-thread.ts'
import type { TypeRequest } from './type-thread.ts'

/** Types can be written that take TypeScript minutes; cold and on a busy machine, honest ones take some seconds. */
const checkMsMax = 30_000

const thread = new SupervisedThread<TypeRequest, readonly Diagnostic[]>({
  entry: new URL(import.meta.url.endsWith('.ts') ? './type-thread.ts' : './type-thread.js', import.meta.url),
  heapBytesMax: 768 * 2 ** 20,
  stackBytes: 4 * 2 ** 20,
  idleMs: 60_000,
  waitingMax: 64,
})

/** Ends the thread that TypeScript runs in. */
export function closeTypeChecker(): Promise<void> {
  return thread.close()
}

/** What TypeScript finds, off this thread. One that takes too long or too much memory ends as a diagnostic of `file`. */
export async function checkTypes(request: TypeRequest, file: string): Promise<readonly Diagnostic[]> {
  const result = await thread.call(request, checkMsMax)
  switch (result.kind) {
    case 'answer':
      return result.value
    case 'time':
      return [errorAt(file, 'LF_PROGRAM_LIMIT', `Checking the types took longer than ${checkMsMax / 1_000} s.`)]
    case 'memory':
      return [errorAt(file, 'LF_PROGRAM_LIMIT', 'Checking the types took too much memory.')]
    case 'busy':
      return [errorAt(file, 'LF_COMPILER_BUSY', 'Too many programs are being checked at once.')]
  }
}
