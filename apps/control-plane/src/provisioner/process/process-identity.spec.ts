import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { identifyProcess, isRunning, signalProcess } from './process-identity.ts'

async function sleeper() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(child, 'spawn')
  return child
}

describe('process identity', () => {
  it('names a running process the same way each time, and no process once it has ended', async () => {
    const child = await sleeper()
    const identity = (await identifyProcess(child.pid!))!
    expect(await identifyProcess(child.pid!)).toEqual(identity)
    expect(await isRunning(identity)).toBe(true)
    const exited = once(child, 'exit')
    expect(await signalProcess(identity, 'SIGKILL')).toBe(true)
    await exited
    expect(await isRunning(identity)).toBe(false)
    expect(await signalProcess(identity, 'SIGKILL')).toBe(false)
  })

  it('does not signal a process that only has the same id', async () => {
    const child = await sleeper()
    const identity = (await identifyProcess(child.pid!))!
    expect(await signalProcess({ ...identity, start: 'an earlier life' }, 'SIGKILL')).toBe(false)
    expect(await isRunning(identity)).toBe(true)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  })

  it('tells two processes apart', async () => {
    const own = (await identifyProcess(process.pid))!
    const child = await sleeper()
    expect((await identifyProcess(child.pid!))!.start).not.toBe(own.start)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  })
})
