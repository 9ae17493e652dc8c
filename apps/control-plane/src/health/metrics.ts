import { deploymentStates } from '@lightflus/contracts'
import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { Database } from '../database/database.ts'

/** The control plane's own metrics, in Prometheus' text form. None names a tenant. */
@Injectable()
export class Metrics implements OnApplicationShutdown {
  readonly #registry = new Registry()
  readonly #requests: Histogram<'method' | 'route' | 'status'>

  constructor(database: Database) {
    collectDefaultMetrics({ register: this.#registry })
    this.#requests = new Histogram({
      name: 'lightflus_http_request_seconds',
      help: 'Time that requests took, by route of the API; live streams are left out',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [this.#registry],
    })
    const deployments = new Gauge({
      name: 'lightflus_deployments',
      help: 'Deployments by state',
      labelNames: ['state'],
      registers: [this.#registry],
      async collect() {
        const counts = await database.platform.countDeployments()
        for (const state of deploymentStates) deployments.set({ state }, counts.get(state) ?? 0)
      },
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status }, seconds)
  }

  async text(): Promise<string> {
    return this.#registry.metrics()
  }

  onApplicationShutdown(): void {
    this.#registry.clear()
  }
}
