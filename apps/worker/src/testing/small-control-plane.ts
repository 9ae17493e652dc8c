import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  syncRequestSchema,
  syncResponseSchema,
  type Assignment,
  type DeploymentReport,
  type SyncResponse,
} from '@lightflus/contracts'
import { checkProgram } from '@lightflus/compiler'

type Line = DeploymentReport['logs'][number]

/** What the control plane would know of one deployment. */
interface Known {
  assignment: Assignment
  readonly reports: DeploymentReport[]
  /** Stored lines and rows, by attempt and sequence. */
  readonly lines: Map<string, Line>
  readonly rows: Map<string, DeploymentReport['rows'][number]>
}

const token = 'token-of-this-worker'

/** The worker protocol over real HTTP, as small as it can be: what it is told it keeps, what it should host a test says. */
export class SmallControlPlane {
  readonly token = token
  readonly #known = new Map<string, Known>()
  readonly #bundles = new Map<string, string>()
  readonly #problems: string[] = []
  #server: Server | undefined
  #port = 0
  #withdrawn = new Set<string>()
  refusing = false

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens, at the same port again after {@link leave}. */
  async come(): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        this.#problems.push(String(error))
        response.writeHead(500).end()
      })
    })
    this.#server = server
    await once(server.listen(this.#port, '127.0.0.1'), 'listening')
    this.#port = (server.address() as AddressInfo).port
  }

  /** Stops listening: whoever calls is refused by the system. */
  async leave(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    server.closeAllConnections()
    await once(server.close(), 'close')
  }

  /** What was wrong with a worker's requests. */
  get problems(): readonly string[] {
    return this.#problems
  }

  /** Assigns a program. `bundle` replaces what is served as its bundle. */
  async assign(
    jobName: string,
    text: string,
    options: Partial<Assignment> & Pick<Assignment, 'checkpointLocation'>,
  ): Promise<string> {
    const checked = await checkProgram({ fileName: `${jobName}.ts`, text }, { types: false })
    if (checked.bundle === null) throw new Error(JSON.stringify(checked.diagnostics))
    const bundlePath = `/worker/v1/deployments/${jobName}/bundle`
    this.#bundles.set(bundlePath, checked.bundle.text)
    const assignment: Assignment = {
      deploymentId: jobName,
      jobId: `job-${jobName}`,
      jobName,
      version: 1,
      generation: 1,
      desired: 'running',
      parallelism: 1,
      bundlePath,
      bundleSha256: checked.bundle.sha256,
      graphHash: checked.graphHash,
      checkpointIntervalMs: 100,
      restore: true,
      from: null,
      acceptRepeats: false,
      dropState: [],
      slotHeapBytesMax: 128 * 1_048_576,
      savepoint: 0,
      connections: [],
      placement: null,
      ...options,
    }
    this.#known.set(jobName, { assignment, reports: [], lines: new Map(), rows: new Map() })
    return jobName
  }

  serveBundle(deploymentId: string, text: string): string {
    const { bundlePath } = this.#of(deploymentId).assignment
    const before = this.#bundles.get(bundlePath)!
    this.#bundles.set(bundlePath, text)
    return before
  }

  want(deploymentId: string, desired: Assignment['desired']): void {
    const known = this.#of(deploymentId)
    known.assignment = { ...known.assignment, desired, generation: known.assignment.generation + 1 }
  }

  wantSavepoint(deploymentId: string, savepoint: number): void {
    const known = this.#of(deploymentId)
    known.assignment = { ...known.assignment, savepoint }
  }

  withdraw(deploymentId: string): void {
    this.#withdrawn.add(deploymentId)
  }

  reports(deploymentId: string): readonly DeploymentReport[] {
    return this.#of(deploymentId).reports
  }

  latest(deploymentId: string): DeploymentReport | undefined {
    return this.#of(deploymentId).reports.at(-1)
  }

  generation(deploymentId: string): number {
    return this.#of(deploymentId).assignment.generation
  }

  /** Lines as they were stored, in order, by attempt. */
  lines(deploymentId: string, attempt: number): Line[] {
    const stored = [...this.#of(deploymentId).lines].filter(([id]) => id.startsWith(`${attempt}/`))
    return stored.map(([, line]) => line)
  }

  rows(deploymentId: string): DeploymentReport['rows'] {
    return [...this.#of(deploymentId).rows.values()]
  }

  #of(deploymentId: string): Known {
    const known = this.#known.get(deploymentId)
    if (!known) throw new Error(`nothing is known of ${deploymentId}`)
    return known
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.refusing || request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end()
    if (request.method === 'POST' && request.url === '/worker/v1/sync') {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const answer = this.#sync(JSON.parse(Buffer.concat(chunks).toString()))
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    }
    const bundle = this.#bundles.get(request.url ?? '')
    if (request.method === 'GET' && bundle !== undefined) return void response.end(bundle)
    response.writeHead(404).end()
  }

  #sync(body: unknown): SyncResponse {
    const { reports } = syncRequestSchema.parse(body)
    const acknowledged = reports.map((report) => {
      const { deploymentId, attempt, logs, rows } = report
      const known = this.#of(deploymentId)
      known.reports.push(report)
      for (const line of logs) known.lines.set(`${attempt}/${line.sequence}`, line)
      for (const row of rows) known.rows.set(`${attempt}/${row.sequence}`, row)
      return { deploymentId, attempt, logs: logs.at(-1)?.sequence ?? 0, rows: rows.at(-1)?.sequence ?? 0 }
    })
    const assignments = [...this.#known.values()]
      .map(({ assignment }) => assignment)
      .filter(({ deploymentId }) => !this.#withdrawn.has(deploymentId))
    return syncResponseSchema.parse({ assignments, acknowledged })
  }
}
