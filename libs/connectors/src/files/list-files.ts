import { glob, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { readError } from './file-errors.ts'

/**
 * The files that a path leads to, sorted by name: the file itself, every file of a folder (not of folders in it, and
 * none whose name begins with a dot), or what a pattern such as `data/*.jsonl` matches.
 * @throws LF_FILES_MISSING when there is none, LF_FILES_UNREADABLE
 */
export async function listFiles(path: string): Promise<string[]> {
  const files = /[*?{[]/.test(path) && !(await exists(path)) ? await matches(path) : await filesAt(path)
  if (files.length > 0) return files.sort()
  throw new LightflusError('LF_FILES_MISSING', `No file is at or matches '${path}'`, { details: { path } })
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

/** Whether a path names one file, and not a folder, a pattern or nothing. */
export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

async function filesAt(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path)
    return await onlyFiles(entries.filter((name) => !name.startsWith('.')).map((name) => join(path, name)))
  } catch (thrown) {
    throw readError(path, thrown)
  }
}

async function matches(pattern: string): Promise<string[]> {
  const found: string[] = []
  for await (const path of glob(pattern)) found.push(path)
  return onlyFiles(found)
}

async function onlyFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) if (!(await stat(path).catch(() => undefined))?.isDirectory()) files.push(path)
  return files
}

/**
 * The subtask that reads a file. By the name and not by its place in the list: subtasks list one after another, and a
 * file that appears in between must not shift the others.
 */
export function ownerOf(path: string, parallelism: number): number {
  let hash = 0x811c_9dc5
  for (const byte of Buffer.from(path)) hash = Math.imul(hash ^ byte, 0x0100_0193)
  return ((hash ^ (hash >>> 15)) >>> 0) % parallelism
}
