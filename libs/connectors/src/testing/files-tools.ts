import { FilesSource, type FilesSourceOptions } from '../files/files-source.ts'
import { drain } from './drain.ts'
import { sourceContext } from './test-context.ts'

const whole = { index: 0, parallelism: 1 }

export const filesSource = (
  options: FilesSourceOptions,
  subtask: { readonly index: number; readonly parallelism: number } = whole,
  onError: 'fail' | 'skip' = 'fail',
) => {
  const context = sourceContext({ options: { ...options }, subtask, onError })
  return { source: new FilesSource(context), heard: context.heard }
}

/** All records of the files, in the order of reading; lines as text. */
export async function readFiles(options: FilesSourceOptions): Promise<unknown[]> {
  const { source } = filesSource(options)
  try {
    await source.open(undefined)
    const records = [...(await drain(source, new Map())).values()].flat()
    return records.map((record) => (record instanceof Uint8Array ? String(record) : record))
  } finally {
    await source.close()
  }
}

/** An error of this code, of which the message says so. */
export const failing = (code: string, message?: string) =>
  expect.objectContaining({ code, ...(message ? { message: expect.stringContaining(message) as string } : {}) })
