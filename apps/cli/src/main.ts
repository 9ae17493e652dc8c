#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// What V8 made of our modules the last time: a fifth of the processor time of a start. In the user's own folder, since it
// is code; where it cannot be written, nothing is kept. It knows its Node, and the text of each module.
const caches = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache')
enableCompileCache(join(caches, 'lightflus', 'compile'))

const [{ processIo }, { runProgram }] = await Promise.all([import('./process-io.ts'), import('./program.ts')])

// Whoever reads our output may stop early (`lightflus logs | head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await runProgram(processIo(), process.argv.slice(2))
