import { readFileSync } from 'node:fs'

/** The version of this command, as its package states it. */
export function versionText(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
