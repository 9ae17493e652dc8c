import { parentPort, workerData } from 'node:worker_threads'
import { LightflusError } from '@lightflus/api'
import { guardProcess } from './guards.ts'
import type { MessageToSlot, SlotSetup } from './messages.ts'
import { Slot } from './slot.ts'

/** The thread of a slot. */
const setup = workerData as SlotSetup
const port = parentPort
if (!port) throw new Error('a slot runs in a thread of its own')

const slot = new Slot(setup, (message, moved = []) => port.postMessage(message, moved))
guardProcess(setup.job, (level, message) => slot.log.add(level, null, message))

process.on('uncaughtException', (thrown: unknown, origin) => {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const ofProgram = !(thrown instanceof Error) || stack.includes(setup.bundleUrl)
  if (!ofProgram) return slot.fail(thrown)
  const what = origin === 'unhandledRejection' ? 'left a rejected promise behind' : 'threw outside of any record'
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  slot.fail(
    new LightflusError('LF_PROGRAM_UNCAUGHT', `Job ${setup.job} ${what}: ${reason}`, {
      details: { job: setup.job },
      cause: thrown,
    }),
  )
})

port.on('message', (message: MessageToSlot) => {
  try {
    slot.receive(message)
  } catch (thrown) {
    slot.fail(thrown)
  }
})

try {
  await slot.build()
} catch (thrown) {
  slot.fail(thrown)
}
