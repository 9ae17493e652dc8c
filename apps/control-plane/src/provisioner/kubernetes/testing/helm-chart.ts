import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type KubernetesObject, loadAllYaml } from '@kubernetes/client-node'
import { helmProgram } from './helm.ts'

const chart = join(import.meta.dirname, '..', '..', '..', '..', '..', '..', 'helm', 'lightflus')

export interface Release {
  readonly name: string
  readonly namespace: string
  readonly values: object
}

/** The chart of this repository, under Helm. */
export class HelmChart {
  readonly #helm: string

  private constructor(helm: string) {
    this.#helm = helm
  }

  static async open(): Promise<HelmChart> {
    return new HelmChart(await helmProgram())
  }

  /** Throws with what is wrong with the chart or the values. */
  async lint(values: object): Promise<void> {
    await this.#withValues(values, (file) => this.#run(['lint', '--strict', chart, '--values', file]))
  }

  /** All objects of a release, hooks too, as they would be sent to a cluster. */
  async render({ name, namespace, values }: Release): Promise<readonly KubernetesObject[]> {
    const output = await this.#withValues(values, (file) =>
      this.#run(['template', name, chart, '--namespace', namespace, '--values', file]),
    )
    return loadAllYaml(output).filter((object): object is KubernetesObject => object !== null)
  }

  /** Installs or upgrades, and waits until it is ready. */
  async install({ name, namespace, values }: Release): Promise<string> {
    const options = ['--install', '--create-namespace', '--namespace', namespace, '--wait', '--timeout', '180s']
    return this.#withValues(values, (file) => this.#run(['upgrade', name, chart, ...options, '--values', file]))
  }

  async uninstall({ name, namespace }: Release): Promise<void> {
    await this.#run(['uninstall', name, '--namespace', namespace, '--wait', '--timeout', '120s'])
  }

  async #withValues<T>(values: object, work: (file: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'lightflus-helm-'))
    try {
      const file = join(folder, 'values.json')
      await writeFile(file, JSON.stringify(values), { mode: 0o600 })
      return await work(file)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #run(args: readonly string[]): Promise<string> {
    try {
      return (await promisify(execFile)(this.#helm, args, { maxBuffer: 16 * 1024 * 1024 })).stdout
    } catch (thrown) {
      const { stderr = '', stdout = '', message } = thrown as Error & { stderr?: string; stdout?: string }
      throw new Error(`helm ${args[0]}: ${stderr || stdout || message}`, { cause: thrown })
    }
  }
}
