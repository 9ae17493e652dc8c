import type { RouteOutput } from '@lightflus/contracts'
import { Controller } from '@nestjs/common'
import { ApiInput, ApiRoute, type InputOf } from '../http/api-route.ts'
import { type Caller, CurrentCaller } from '../http/caller.ts'
import { JobsReader } from './jobs-reader.ts'
import { ApplyJob } from './use-cases/apply-job.ts'
import { ChangeDeployment } from './use-cases/change-deployment.ts'
import { CheckProgram } from './use-cases/check-program.ts'
import { DeleteJob } from './use-cases/delete-job.ts'
import { DeployJob } from './use-cases/deploy-job.ts'
import { TakeSavepoint } from './use-cases/take-savepoint.ts'

@Controller()
export class JobsController {
  readonly #reader: JobsReader
  readonly #check: CheckProgram
  readonly #apply: ApplyJob
  readonly #deploy: DeployJob
  readonly #change: ChangeDeployment
  readonly #savepoint: TakeSavepoint
  readonly #delete: DeleteJob

  constructor(
    reader: JobsReader,
    check: CheckProgram,
    apply: ApplyJob,
    deploy: DeployJob,
    change: ChangeDeployment,
    savepoint: TakeSavepoint,
    deleteJob: DeleteJob,
  ) {
    this.#reader = reader
    this.#check = check
    this.#apply = apply
    this.#deploy = deploy
    this.#change = change
    this.#savepoint = savepoint
    this.#delete = deleteJob
  }

  @ApiRoute('checkProgram')
  async checkProgram(@ApiInput() { body }: InputOf<'checkProgram'>): Promise<RouteOutput<'checkProgram'>> {
    const { diagnostics, graph } = await this.#check.execute(body)
    return { diagnostics: [...diagnostics], graph: graph as RouteOutput<'checkProgram'>['graph'] }
  }

  @ApiRoute('listJobs')
  list(@CurrentCaller() caller: Caller, @ApiInput() { query }: InputOf<'listJobs'>): Promise<RouteOutput<'listJobs'>> {
    return this.#reader.list(caller.tenantId, query)
  }

  @ApiRoute('getJob')
  get(@CurrentCaller() caller: Caller, @ApiInput() { params }: InputOf<'getJob'>): Promise<RouteOutput<'getJob'>> {
    return this.#reader.get(caller.tenantId, params.name)
  }

  @ApiRoute('applyJob')
  apply(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params, body }: InputOf<'applyJob'>,
  ): Promise<RouteOutput<'applyJob'>> {
    return this.#apply.execute({ caller, name: params.name, job: body })
  }

  @ApiRoute('deleteJob')
  delete(@CurrentCaller() caller: Caller, @ApiInput() { params }: InputOf<'deleteJob'>): Promise<void> {
    return this.#delete.execute({ caller, name: params.name })
  }

  @ApiRoute('getMetrics')
  getMetrics(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'getMetrics'>,
  ): Promise<RouteOutput<'getMetrics'>> {
    return this.#reader.metrics(caller.tenantId, params.name)
  }

  @ApiRoute('listVersions')
  listVersions(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params, query }: InputOf<'listVersions'>,
  ): Promise<RouteOutput<'listVersions'>> {
    return this.#reader.versions(caller.tenantId, params.name, query)
  }

  @ApiRoute('getVersion')
  getVersion(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'getVersion'>,
  ): Promise<RouteOutput<'getVersion'>> {
    return this.#reader.version(caller.tenantId, params.name, params.version)
  }

  @ApiRoute('deployJob')
  deploy(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params, body }: InputOf<'deployJob'>,
  ): Promise<RouteOutput<'deployJob'>> {
    return this.#deploy.execute({ caller, name: params.name, wish: body })
  }

  @ApiRoute('suspendJob')
  suspend(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'suspendJob'>,
  ): Promise<RouteOutput<'suspendJob'>> {
    return this.#change.execute({ caller, name: params.name, verb: 'suspend' })
  }

  @ApiRoute('resumeJob')
  resume(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'resumeJob'>,
  ): Promise<RouteOutput<'resumeJob'>> {
    return this.#change.execute({ caller, name: params.name, verb: 'resume' })
  }

  @ApiRoute('stopJob')
  stop(@CurrentCaller() caller: Caller, @ApiInput() { params }: InputOf<'stopJob'>): Promise<RouteOutput<'stopJob'>> {
    return this.#change.execute({ caller, name: params.name, verb: 'stop' })
  }

  @ApiRoute('drainJob')
  drain(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'drainJob'>,
  ): Promise<RouteOutput<'drainJob'>> {
    return this.#change.execute({ caller, name: params.name, verb: 'drain' })
  }

  @ApiRoute('cancelJob')
  cancel(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'cancelJob'>,
  ): Promise<RouteOutput<'cancelJob'>> {
    return this.#change.execute({ caller, name: params.name, verb: 'cancel' })
  }

  @ApiRoute('takeSavepoint')
  takeSavepoint(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'takeSavepoint'>,
  ): Promise<RouteOutput<'takeSavepoint'>> {
    return this.#savepoint.execute({ caller, name: params.name })
  }

  @ApiRoute('listCheckpoints')
  listCheckpoints(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params, query }: InputOf<'listCheckpoints'>,
  ): Promise<RouteOutput<'listCheckpoints'>> {
    return this.#reader.checkpoints(caller.tenantId, params.name, query)
  }

  @ApiRoute('listEvents')
  listEvents(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params, query }: InputOf<'listEvents'>,
  ): Promise<RouteOutput<'listEvents'>> {
    return this.#reader.events(caller.tenantId, params.name, query)
  }

  @ApiRoute('listLogs')
  listLogs(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params, query }: InputOf<'listLogs'>,
  ): Promise<RouteOutput<'listLogs'>> {
    return this.#reader.logs(caller.tenantId, params.name, query)
  }

  @ApiRoute('listRows')
  listRows(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params, query }: InputOf<'listRows'>,
  ): Promise<RouteOutput<'listRows'>> {
    return this.#reader.rows(caller.tenantId, params.name, query)
  }
}
