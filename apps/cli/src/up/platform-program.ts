import { createRequire } from 'node:module'
import { LightflusError } from '@lightflus/api'

/** Programs of the control plane that a command stands for, as its package exports them. */
export type PlatformProgram = 'embedded' | 'reset-password' | 'create-tenant'

/** What the platform is written for; older ones lack the network permissions that its workers run under. */
export const nodeMajorMin = 26

/**
 * Becomes a program of the control plane: the process stays the same one, with the same terminal, and this command's
 * own memory is given back. Nothing imports an application, so the program is found by its package's name.
 * @throws LF_UP_NODE_TOO_OLD, LF_UP_PLATFORM_UNSUPPORTED or LF_UP_NOT_BUILT
 */
export function becomePlatformProgram(program: PlatformProgram, args: readonly string[]): never {
  const path = platformProgram(program, process.versions.node)
  if (!process.execve)
    throw new LightflusError(
      'LF_UP_PLATFORM_UNSUPPORTED',
      `Lightflus cannot run a whole platform on ${process.platform}.`,
    )
  return process.execve(process.execPath, [process.execPath, ...process.execArgv, path, ...args], process.env)
}

/** Where the program lies. */
export function platformProgram(program: PlatformProgram, nodeVersion: string): string {
  if (Number(nodeVersion.split('.')[0]) < nodeMajorMin)
    throw new LightflusError('LF_UP_NODE_TOO_OLD', `Lightflus needs Node.js ${nodeMajorMin}; this is ${nodeVersion}.`)
  try {
    return createRequire(import.meta.url).resolve(`@lightflus/control-plane/${program}`)
  } catch (cause) {
    throw new LightflusError('LF_UP_NOT_BUILT', 'The control plane is not built or not installed.', { cause })
  }
}
