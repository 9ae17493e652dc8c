import { catalogue, isLightflusError } from '@lightflus/api'

export interface ErrorView {
  readonly code: string
  readonly message: string
  readonly nextStep: string
  readonly requestId: string | null
}

/** An error as a page shows it. Anything but the project's own error is the console's fault, and says so. */
export function presentError(error: unknown): ErrorView {
  if (isLightflusError(error)) {
    const requestId = error.details.requestId
    return {
      code: error.code,
      message: error.message,
      nextStep: error.nextStep,
      requestId: typeof requestId === 'string' && requestId !== '' ? requestId : null,
    }
  }
  return {
    code: 'LF_CONSOLE_FAULT',
    message: error instanceof Error ? error.message : String(error),
    nextStep: catalogue.LF_CONSOLE_FAULT.nextStep,
    requestId: null,
  }
}
