import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { applyJobSchema, resourceName } from '@lightflus/contracts'
import { z } from 'zod'

const fileSchema = z.strictObject({
  /** Default: the name that the program gives its job. */
  name: resourceName.optional(),
  program: z.string().min(1),
  deployment: applyJobSchema.shape.deployment,
})

export interface JobFile {
  readonly name: string
  readonly program: { readonly fileName: string; readonly text: string }
  readonly deployment?: z.input<typeof applyJobSchema>['deployment']
}

/**
 * What `apply -f` is given: a program, or a job file that names one.
 * @throws LF_CLI_FILE naming the file and the field.
 */
export async function readJobFile(folder: string, path: string): Promise<JobFile> {
  const file = resolve(folder, path)
  if (/\.tsx?$/.test(file)) return withProgram(file, {})
  const { parse } = await import('yaml')
  let given: unknown
  try {
    given = parse(await read(file))
  } catch (error) {
    throw asFileError(path, error)
  }
  const checked = fileSchema.safeParse(given)
  if (!checked.success)
    throw new LightflusError(
      'LF_CLI_FILE',
      `${path}: ${checked.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ')}.`,
    )
  return withProgram(resolve(dirname(file), checked.data.program), checked.data)
}

async function withProgram(
  path: string,
  { name, deployment }: Pick<z.output<typeof fileSchema>, 'name' | 'deployment'>,
): Promise<JobFile> {
  const text = await read(path)
  return {
    name: name ?? (await jobName(path, text)),
    program: { fileName: basename(path), text },
    ...(deployment ? { deployment } : {}),
  }
}

/**
 * The name that the program gives its job: as it is written, or else as it comes out when the graph is built. The
 * platform's own check has the last word.
 */
async function jobName(path: string, text: string): Promise<string> {
  const match = /\bjob\(\s*(['"`])([a-z0-9-]+)\1/.exec(text)
  if (match) return match[2]!
  const { checkProgram, closeCompiler } = await import('@lightflus/compiler')
  const { listedProgramErrors } = await import('./diagnostics.ts')
  try {
    const { graph, diagnostics } = await checkProgram({ fileName: basename(path), text })
    if (graph) return graph.job
    throw listedProgramErrors(basename(path), diagnostics)
  } finally {
    await closeCompiler()
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw asFileError(path, error)
  }
}

const asFileError = (path: string, cause: unknown): LightflusError =>
  new LightflusError(
    'LF_CLI_FILE',
    `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  )
