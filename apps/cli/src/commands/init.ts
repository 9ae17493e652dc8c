import { action, outputOption, type Register, type Session } from '../command.ts'

export const registerInit: Register = (program, io) => {
  program
    .command('init <name>')
    .summary('make a new project')
    .description(
      'Make a folder with a program, a test and the settings of both. It works at once, without the network.',
    )
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  lightflus init my-job && cd my-job && npm start')
    .action(action(io, (session, [name]) => init(session, name!)))
}

async function init({ io, printer }: Session, given: string): Promise<void> {
  const { basename, relative, resolve } = await import('node:path')
  const { initProject } = await import('../init/init-project.ts')
  const folder = resolve(io.workingFolder, given)
  const files = await initProject(folder, basename(folder))
  printer.result({ folder, files }, () =>
    [`${printer.colors.green('Made')} ${folder}:`, ...files.map((file) => `  ${file}`)].join('\n'),
  )
  printer.note(printer.colors.dim(`Next: cd ${relative(io.workingFolder, folder) || '.'} && npm start`))
}
