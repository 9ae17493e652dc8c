import type { SinkDeclaration } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export function addSink(input: Upstream, sink: SinkDeclaration<any>, given: OperatorOptions | undefined): void {
  const { name, formerly, onError } = resolveOptions('sinkTo', given, operatorRules)
  append<'sink'>([input], {
    kind: 'sink',
    name,
    formerly,
    connector: sink.connector,
    connection: sink.connection,
    options: { ...sink.options, onError },
    functions: sink.functions,
  })
}

/** @throws LF_PROGRAM_CHANGELOG where the sink cannot take rows back: programs without types reach this. */
export function addChangelogSink(
  input: Upstream,
  sink: SinkDeclaration<any>,
  given: OperatorOptions | undefined,
): void {
  if (sink.accepts !== 'changes')
    throw new LightflusError(
      'LF_PROGRAM_CHANGELOG',
      `The ${sink.connector} sink, as it is set up, cannot take rows back, and '${input.edge.from}' emits a changelog.`,
    )
  addSink(input, sink, given)
}
