import { isJob, type JobDefinition } from '@lightflus/api'
import { stripTypeScriptTypes } from 'node:module'
import { SourceTextModule, SyntheticModule, type Module } from 'node:vm'

/** What programs on pages import. */
const importable: Readonly<Record<string, () => Promise<object>>> = {
  lightflus: () => import('@lightflus/api'),
  zod: () => import('zod'),
}

/** The job that a program's text exports. */
export async function loadProgram(text: string): Promise<JobDefinition> {
  const program = new SourceTextModule(stripTypeScriptTypes(text))
  await program.link(imported)
  await program.evaluate()
  const { default: job } = program.namespace as { default?: unknown }
  if (!isJob(job)) throw new Error('The program exports no job by default.')
  return job
}

async function imported(specifier: string): Promise<Module> {
  if (!(specifier in importable)) throw new Error(`Programs on pages cannot import '${specifier}'.`)
  const exports = await importable[specifier]()
  return new SyntheticModule(Object.keys(exports), function () {
    for (const [name, value] of Object.entries(exports)) this.setExport(name, value)
  })
}
