#!/usr/bin/env node
import { mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { commandModule } from './bundle.ts'
import type * as commandLine from './command-line.ts'

// What V8 made of our modules the last time: a fifth of the processor time of a start. In the user's own folder, since it
// is code; where it cannot be written, nothing is kept. It knows its Node, and the text of each module.
const caches = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache')
const compiled = join(caches, 'lightflus', 'compile')
if (isFolder(compiled)) enableCompileCache(compiled)

const { runCommandLine } = (await import(commandModule())) as typeof commandLine
process.exitCode = await runCommandLine(process.argv.slice(2))

/** Makes it where it is not there. Node's own way, which its cache takes too, never ends where that cannot be: below /proc. */
function isFolder(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return true
    if (code !== 'ENOENT' || dirname(path) === path || !isFolder(dirname(path))) return false
  }
  try {
    mkdirSync(path)
    return true
  } catch {
    return false
  }
}
