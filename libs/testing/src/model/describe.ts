import type { ModelCase } from './arbitraries.ts'
import { sidesOf, type Program, type ScriptEvent, type Step, type Terminal } from './program.ts'

/** A case as somebody would tell it: the program first, then what happens. */
export function describeCase({ program, script, parallelism }: ModelCase): string {
  return [describeProgram(program), `parallelism ${parallelism}`, ...script.map(describeEvent)].join('\n')
}

function describeProgram(program: Program): string {
  const { terminal, union, rollUp, again, folds, throwsOn, epoch, tickMs } = program
  const sides = sidesOf(program).map((side) => [side, ...program.steps[side].map(describeStep)].join('.'))
  const inputs = union ? `${sides.join('.union(')})` : sides.join(' with ')
  return `${inputs}.${describeTerminal(terminal)}${again ? `.window(${JSON.stringify(again)})` : ''}${rollUp ? ' rolled up' : ''} of ${folds}${throwsOn ? `, throwing on v % ${throwsOn} = 0` : ''}, tick n at ${epoch} + n × ${tickMs} ms`
}

function describeStep(step: Step): string {
  switch (step.op) {
    case 'map':
      return `map(v × ${step.times} + ${step.plus})`
    case 'filter':
      return `filter(v % ${step.multiplesOf} ≠ 0)`
    case 'flatMap':
      return 'flatMap(v mod 3 copies)'
    case 'mapAsync':
      return `mapAsync(v + ${step.plus})`
    case 'split':
      return `split(v % ${step.multiplesOf} = 0 aside).${step.take}`
  }
}

function describeTerminal({ op, ...options }: Terminal): string {
  return `${op}(${JSON.stringify(options)})`
}

function describeEvent(event: ScriptEvent): string {
  switch (event.do) {
    case 'push':
      return `push ${event.side}${event.isHasty ? ' hastily' : ''}  ${event.items.map(({ id, key, value, at }) => `#${id} ${JSON.stringify(key)}: ${value} @${at}`).join('  ')}`
    case 'watermark':
      return `watermark ${event.side} ${event.to}`
    case 'end':
      return `end ${event.side}`
    case 'advance':
      return `advance ${event.by} ms`
    case 'crash':
      return `crash, losing ${event.lost} events; on with ${event.parallelism} subtasks`
  }
}
