import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const commands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge']
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
]

/**
 * The path of a Chromium, Chrome or Edge to give to playwright-core as `executablePath`, or undefined when there is
 * none: CHROME_PATH if set, else one in PATH, else one among macOS's applications.
 */
export function findBrowser(): string | undefined {
  const { CHROME_PATH, PATH = '' } = process.env
  if (CHROME_PATH) return CHROME_PATH
  const inPath = commands.flatMap((command) => PATH.split(delimiter).map((folder) => join(folder, command)))
  return [...inPath, ...applications].find((path) => existsSync(path))
}

/** {@link findBrowser}, for a test that is not skipped without one. @throws Error that says what to install. */
export function browserPath(): string {
  const path = findBrowser()
  if (path) return path
  throw new Error('No Chromium, Chrome or Edge was found: install one, or set CHROME_PATH to its executable')
}

/** What a browser in a test is started with: as root, as in a container, Chromium needs its sandbox switched off. */
export function browserArguments(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : ['--disable-dev-shm-usage']
}
