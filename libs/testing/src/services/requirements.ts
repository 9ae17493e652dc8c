import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { platform } from 'node:os'
import { findBrowser } from './browser.ts'
import { javaVersion, javaVersionMin } from './java.ts'
import { isFetched, type MavenPackage } from './maven.ts'
import { type ServiceName, serviceVariables } from './service-addresses.ts'

/** A program that tests need and that neither npm nor Maven brings. */
export interface MissingProgram {
  /** As it should read in a message: 'a Java runtime, version 17 or newer'. */
  readonly what: string
  readonly debianPackage: string
  readonly homebrew: string
  /** What cannot run without it. */
  readonly neededBy: readonly (ServiceName | 'browser')[]
}

/** Those services whose servers have to be started here, since the environment names none. */
function ownServices(): ServiceName[] {
  return (Object.keys(serviceVariables) as ServiceName[]).filter((name) => !process.env[serviceVariables[name]])
}

const mavenPackages = { kafka: 'kafka', redis: 'redis', mysql: 'mariadb', s3: 's3' } as const satisfies Partial<
  Record<ServiceName, MavenPackage>
>

/** What is missing on this machine; a service that the environment names needs nothing. */
export async function missingPrograms(): Promise<MissingProgram[]> {
  const missing: MissingProgram[] = []
  const own = ownServices()
  const java = javaVersion()
  const onJava = own.filter((name) => name === 'kafka' || name === 's3')
  if (onJava.length > 0 && (java === undefined || java < javaVersionMin)) {
    const what = `a Java runtime, version ${javaVersionMin} or newer${java ? ` (found: ${java})` : ''}`
    missing.push({ what, debianPackage: 'default-jre-headless', homebrew: 'openjdk', neededBy: onJava })
  }
  const unfetched: ServiceName[] = []
  for (const [service, name] of Object.entries(mavenPackages) as [ServiceName, MavenPackage][]) {
    if (own.includes(service) && !(await isFetched(name))) unfetched.push(service)
  }
  if (unfetched.length > 0 && spawnSync('mvn', ['-v'], { stdio: 'ignore', env: process.env }).status !== 0) {
    missing.push({ what: 'Maven', debianPackage: 'maven', homebrew: 'maven', neededBy: unfetched })
  }
  if (!findBrowser()) {
    const what = 'Chromium, Chrome or Edge'
    missing.push({ what, debianPackage: 'chromium', homebrew: '--cask google-chrome', neededBy: ['browser'] })
  }
  return missing
}

/** The one command that installs what is missing, in words where the system is not known. */
export function installCommand(missing: readonly MissingProgram[]): string {
  if (existsSync('/etc/debian_version')) {
    return `sudo apt-get install -y ${missing.map((program) => program.debianPackage).join(' ')}`
  }
  if (platform() === 'darwin') {
    return missing.map((program) => `brew install ${program.homebrew}`).join(' && ')
  }
  return `install with the system's package manager: ${missing.map((program) => program.what).join('; ')}`
}

/** True where {@link installMissing} may be called: on Debian and its kin, as root. */
export function canInstall(): boolean {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0
}

/** Installs what is missing by apt-get. Whether that worked shows in asking {@link missingPrograms} again. */
export function installMissing(missing: readonly MissingProgram[]): void {
  const packages = missing.map((program) => program.debianPackage)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args: string[]) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env })
  run('-q', 'update')
  run('-q', 'install', '-y', '--no-install-recommends', ...packages)
}
