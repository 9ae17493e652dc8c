import { isLightflusError, LightflusError, type SerializedError } from '@lightflus/api'
import type { Colors } from './printer.ts'

/** Any failure as one with a code; what nobody expected is a fault of this command. */
export function asFailure(thrown: unknown): LightflusError {
  if (isLightflusError(thrown)) return thrown
  return new LightflusError('LF_CLI_INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), {
    cause: thrown,
  })
}

/** What happened, what to do, and the code to look it up by. */
export function failureText(error: SerializedError, colors: Colors): string {
  const cause =
    error.cause && !error.message.includes(error.cause.message)
      ? `\n  ${colors.dim(`because: ${error.cause.message}`)}`
      : ''
  return `${colors.red('error')} ${error.message}${cause}\n  ${error.nextStep} ${colors.dim(`(${error.code})`)}\n`
}
