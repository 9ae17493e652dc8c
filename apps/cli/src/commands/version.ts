import { action, outputOption, type Register } from '../command.ts'
import { versionText } from '../version.ts'

export const registerVersion: Register = (program, io) => {
  program
    .command('version')
    .summary('print versions')
    .description('Print the version of this command and of the Node it runs on.')
    .addOption(outputOption())
    .action(
      action(io, async ({ printer }) => {
        printer.result(
          { lightflus: versionText(), node: process.versions.node },
          (v) => `lightflus ${v.lightflus}, Node ${v.node}`,
        )
      }),
    )
}
