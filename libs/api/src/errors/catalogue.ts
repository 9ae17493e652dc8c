import type { ErrorEntry } from './lightflus-error.ts'
import { cli } from './catalogue/cli.ts'
import { connector } from './catalogue/connector.ts'
import { ingest } from './catalogue/ingest.ts'
import { platform } from './catalogue/platform.ts'
import { program } from './catalogue/program.ts'
import { runtime } from './catalogue/runtime.ts'
import { testing } from './catalogue/testing.ts'
import { up } from './catalogue/up.ts'

/** Every error code of the project, by the part that owns it. docs/reference/errors.md is generated from this. */
export const catalogue = {
  ...program,
  ...connector,
  ...ingest,
  ...runtime,
  ...platform,
  ...cli,
  ...up,
  ...testing,
} satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof catalogue

/** Codes of the control plane’s own making: it maps every one to an HTTP status. */
export type PlatformErrorCode = keyof typeof platform
