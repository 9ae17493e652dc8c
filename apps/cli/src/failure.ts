import { isLightflusError, LightflusError, type SerializedError } from '@lightflus/api'
import type { Colors } from './printer.ts'
import { visibleText } from './visible-text.ts'

/** Any failure as one with a code; what nobody expected is a fault of this command. */
export function asFailure(thrown: unknown): LightflusError {
  if (isLightflusError(thrown)) return thrown
  return new LightflusError('LF_CLI_INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), {
    cause: thrown,
  })
}

/** What happened, each problem where there are several, what to do, and the code to look it up by. */
export function failureText(error: SerializedError, colors: Colors): string {
  const { message, cause, details, nextStep, code } = error
  const problems = Array.isArray(details.problems) ? (details.problems as readonly string[]) : []
  return visibleText(
    [
      message,
      ...(cause && !message.includes(cause.message) ? [`  because: ${cause.message}`] : []),
      ...problems.map((problem) => `  ${problem}`),
      `  ${nextStep} (${code})`,
    ].join('\n'),
  )
    .split('\n')
    .map((line, index, all) =>
      index === 0 ? `${colors.red('error')} ${line}` : index === all.length - 1 ? line : colors.dim(line),
    )
    .join('\n')
    .concat('\n')
}
