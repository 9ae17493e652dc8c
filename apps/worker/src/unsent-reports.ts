import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { deploymentReportSchema, type DeploymentReport } from '@lightflus/contracts'

/** Reports on disk, so that usage survives a worker that dies while the control plane is away. */
export class UnsentReports {
  readonly #path: string
  #written = false

  constructor(folder: string) {
    this.#path = join(folder, 'unsent-reports.json')
  }

  /** What an earlier process of this worker left behind; what cannot be read is worth nothing and is dropped. */
  async load(): Promise<DeploymentReport[]> {
    try {
      const reports = z.array(deploymentReportSchema).parse(JSON.parse(await readFile(this.#path, 'utf8')))
      this.#written = true
      return reports
    } catch {
      return []
    }
  }

  async save(reports: readonly DeploymentReport[]): Promise<void> {
    const unfinished = `${this.#path}.part`
    await writeFile(unfinished, JSON.stringify(reports.map((report) => ({ ...report, logs: [], rows: [] }))))
    await rename(unfinished, this.#path)
    this.#written = true
  }

  async clear(): Promise<void> {
    if (!this.#written) return
    await rm(this.#path, { force: true })
    this.#written = false
  }
}
