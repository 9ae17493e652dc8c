import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The oldest Java that runs Kafka 4's broker. */
export const javaVersionMin = 17

/** The command that runs Java: of JAVA_HOME if that is set, else the one in PATH. */
export function javaCommand(): string {
  const own = process.env.JAVA_HOME && join(process.env.JAVA_HOME, 'bin', 'java')
  return own && existsSync(own) ? own : 'java'
}

/** The major version of {@link javaCommand}, or undefined when there is none that starts. */
export function javaVersion(): number | undefined {
  const { stderr, status } = spawnSync(javaCommand(), ['-version'], { encoding: 'utf8', env: process.env })
  const version = status === 0 ? / version "(\d+)/.exec(stderr)?.[1] : undefined
  return version === undefined ? undefined : Number(version)
}
