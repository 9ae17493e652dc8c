import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io } from '../io.ts'
import { runCommand, type CommandRun } from './world.ts'

/** What `run -o json` writes, line by line. */
export interface RunLine {
  readonly type: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests say what they expect of each kind of line
  readonly [field: string]: any
}

/** A folder of programs, and runs of the command in it. */
export class ProgramFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<ProgramFolder> {
    return new ProgramFolder(await mkdtemp(join(tmpdir(), 'lightflus-cli-')))
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.path, name), text)
  }

  command(args: readonly string[], world: Partial<Io> = {}): Promise<CommandRun> {
    return runCommand(args, { workingFolder: this.path, ...world })
  }

  /** `lightflus run … -o json`, read. */
  async run(
    args: readonly string[],
    world: Partial<Io> = {},
  ): Promise<CommandRun & { readonly lines: readonly RunLine[] }> {
    const run = await this.command(['run', ...args, '-o', 'json'], world)
    return { ...run, lines: parsedLines(run.out) }
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true })
  }
}

export function parsedLines(out: string): readonly RunLine[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunLine)
}
