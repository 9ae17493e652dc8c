import { format } from 'prettier'
import { createProgram } from '../../program.ts'
import { emptyWorld } from '../world.ts'
import { commandPage } from './command-page.ts'

/** docs/reference/cli.md as it should be. */
export function commandPageText(): Promise<string> {
  return format(commandPage(createProgram(emptyWorld())), { parser: 'markdown', printWidth: 120 })
}
