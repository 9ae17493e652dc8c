import type { BuiltJob, OperatorDefinition, OperatorFunctions } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { graphFormatVersion, type Exchange, type GraphEdge, type OperatorKind, type OperatorNode } from '../graph.ts'

export interface NewOperator<Kind extends OperatorKind> {
  readonly kind: Kind
  readonly name: string | undefined
  readonly formerly: readonly string[]
  readonly options: OperatorNode['options']
  readonly functions: OperatorFunctions[Kind]
  readonly connector?: string
  readonly connection?: string | undefined
  /** What it takes, in the order of its inputs; none for sources. */
  readonly inputs: readonly NewEdge[]
}

export interface NewEdge {
  readonly from: string
  /** Name of a side output of `from`; absent: what it emits. */
  readonly output?: string
  /** Default: forward. */
  readonly exchange?: Exchange
}

/** Operators that can write to side outputs. */
const kindsWithSideOutputs: ReadonlySet<OperatorKind> = new Set(['window', 'process', 'connect', 'connectBroadcast'])

/** Collects operators in the order in which the program makes them, which is a topological one. */
export class GraphBuilder {
  readonly #job: string
  readonly #operators = new Map<string, OperatorDefinition>()
  readonly #edges: GraphEdge[] = []
  readonly #countByKind = new Map<OperatorKind, number>()
  #finished = false

  constructor(job: string) {
    this.#job = job
  }

  /** @returns the new operator's id. */
  add<Kind extends OperatorKind>(operator: NewOperator<Kind>): string {
    if (this.#finished)
      throw new LightflusError(
        'LF_PROGRAM_GRAPH',
        `Job ${this.#job}: an operator was added after the build function had returned.`,
      )
    const number = (this.#countByKind.get(operator.kind) ?? 0) + 1
    this.#countByKind.set(operator.kind, number)
    const id = operator.name ?? `${operator.kind}-${number}`
    if (this.#operators.has(id))
      throw new LightflusError('LF_PROGRAM_GRAPH', `Two operators are named '${id}'.`, {
        details: { job: this.#job, operator: id },
      })
    const node = {
      id,
      kind: operator.kind,
      named: operator.name !== undefined,
      ...(operator.formerly.length === 0 ? {} : { formerly: this.#formerNames(id, operator) }),
      ...(operator.connector === undefined ? {} : { connector: operator.connector }),
      ...(operator.connection === undefined ? {} : { connection: operator.connection }),
      options: operator.options,
    }
    operator.inputs.forEach((input) => this.#requireOutput(input))
    this.#operators.set(id, { node, functions: operator.functions } as OperatorDefinition)
    operator.inputs.forEach(({ from, output, exchange = 'forward' }, input) =>
      this.#edges.push({
        from,
        to: id,
        exchange,
        ...(output === undefined ? {} : { output }),
        ...(input === 0 ? {} : { input }),
      }),
    )
    return id
  }

  /** @throws LF_PROGRAM_GRAPH when there is no source, or an operator whose output nobody takes. */
  finish(): BuiltJob {
    this.#finished = true
    const nodes = [...this.#operators.values()].map(({ node }) => node)
    if (nodes.length === 0) throw this.#error('has no source', 'Begin the flow with `flow.source(…)`.')
    this.#requireOneHeir(nodes)
    const consumed = new Set(this.#edges.map(({ from }) => from))
    const loose = nodes.filter(({ id, kind }) => kind !== 'sink' && !consumed.has(id)).map(({ id }) => id)
    if (loose.length > 0)
      throw this.#error(
        `drops what ${loose.join(', ')} ${loose.length > 1 ? 'emit' : 'emits'}`,
        'End every branch with `sinkTo(…)`, or remove it.',
      )
    return {
      name: this.#job,
      graph: { formatVersion: graphFormatVersion, job: this.#job, operators: nodes, edges: this.#edges },
      operators: this.#operators,
    }
  }

  #formerNames(id: string, { kind, name, formerly }: NewOperator<OperatorKind>): readonly string[] {
    if (name === undefined)
      throw this.#error(
        `has operator '${id}' with former names and no name`,
        'Give it the name that it has from now on: `name`.',
      )
    if (kind === 'sink')
      throw this.#error(
        `has sink '${id}' with former names`,
        'A sink is known to its target by its name: suspend the job, and then deploy it with the new one.',
      )
    return formerly
  }

  /** State goes to one operator. */
  #requireOneHeir(nodes: readonly OperatorNode[]): void {
    const heirs = new Map<string, string>()
    for (const { id, formerly = [] } of nodes) {
      for (const name of formerly) {
        const other = this.#operators.has(name) ? name : heirs.get(name)
        if (other !== undefined)
          throw this.#error(
            `gives the state of former operator '${name}' to '${id}' although ${other === name ? 'there still is one of that name' : `'${other}' claims it`}`,
            'Remove the name from one `formerly`, or give the other operator a name of its own.',
          )
        heirs.set(name, id)
      }
    }
  }

  /** A side output of an operator that can write to none would be silent for ever. */
  #requireOutput({ from, output }: NewEdge): void {
    const { kind } = this.#operators.get(from)!.node
    if (output === undefined || kindsWithSideOutputs.has(kind)) return
    throw this.#error(
      `takes side output '${output}' of ${kind} '${from}', which writes to none`,
      'Take it of the stream that `window`, `process` or `connect` returned, before other operators follow.',
    )
  }

  #error(what: string, nextStep: string): LightflusError {
    return new LightflusError('LF_PROGRAM_GRAPH', `Job ${this.#job} ${what}.`, {
      nextStep,
      details: { job: this.#job },
    })
  }
}
