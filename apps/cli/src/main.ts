#!/usr/bin/env node
import { processIo } from './process-io.ts'
import { runProgram } from './program.ts'

// Whoever reads our output may stop early (`lightflus logs | head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await runProgram(processIo(), process.argv.slice(2))
