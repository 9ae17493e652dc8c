import type { Command, Option } from 'commander'
import { exitCodeMeanings, exitCodes } from '../../exit-code.ts'

/** The reference page of the command line, as Markdown, from the same definitions that `--help` shows. */
export function commandPage(program: Command): string {
  const commands = leaves(program)
  return `# The command \`lightflus\`

_This page is generated from the definitions of the commands by \`npm run docs\`._

${sentence(program.description())} \`lightflus help COMMAND\` shows what stands here.

| command | |
| --- | --- |
${commands.map((command) => `| [\`${pathOf(command)}\`](#${anchor(pathOf(command))}) | ${cell(command.summary() || command.description())} |`).join('\n')}

## Exit codes

| code | meaning |
| --- | --- |
${Object.entries(exitCodes)
  .map(([name, code]) => `| ${code} | ${exitCodeMeanings[name as keyof typeof exitCodes]} |`)
  .join('\n')}

An error says on standard error what happened and what to do, with a code of the [catalogue](errors.md); with \`-o json\` it
is one JSON object there. Results go to standard output, everything else to standard error. Nothing is asked without a
terminal.

## Environment

| variable | meaning |
| --- | --- |
| \`LIGHTFLUS_URL\`, \`LIGHTFLUS_API_KEY\` | The platform to use and the key to use there, in place of a context: for CI. |
| \`LIGHTFLUS_CONNECTION_<NAME>\` | A connection for \`run\`: a URL, or JSON of \`{ kind, options }\`. |
| \`XDG_CONFIG_HOME\` | Contexts are kept in \`lightflus/contexts.json\` there, readable by their owner alone. Default \`~/.config\`. |
| \`XDG_CACHE_HOME\` | What the command has compiled of itself is kept in \`lightflus/compile\` there, so that it starts sooner; it may be deleted. Default \`~/.cache\`. |
| \`NO_COLOR\`, \`FORCE_COLOR\` | Never, or always, colour. |

${commands.map(section).join('\n\n')}
`
}

/** Commands that do something, in the order of help. */
function leaves(command: Command): readonly Command[] {
  const own = command.createHelp().visibleCommands(command)
  return own
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => (each.commands.length > 0 ? leaves(each) : [each]))
}

function section(command: Command): string {
  const help = command.createHelp()
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help')
  const examples = examplesOf(command)
  return [
    `## ${pathOf(command)}`,
    sentence(command.description()),
    `\`\`\`\n${help.commandUsage(command)}\n\`\`\``,
    ...(options.length === 0
      ? []
      : [
          `| option | |\n| --- | --- |\n${options.map((option) => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${cell(optionText(option))} |`).join('\n')}`,
        ]),
    ...(examples === '' ? [] : [`\`\`\`\n${examples}\n\`\`\``]),
  ].join('\n\n')
}

function optionText({ description, argChoices, defaultValue, mandatory }: Option): string {
  return [
    description,
    ...(argChoices ? [`One of ${argChoices.join(', ')}.`] : []),
    ...(typeof defaultValue === 'string' || typeof defaultValue === 'number' ? [`Default: ${defaultValue}.`] : []),
    ...(mandatory ? ['Required.'] : []),
  ]
    .map(sentence)
    .join(' ')
}

/** What `addHelpText('after')` adds: commander keeps it for the moment when help is shown. */
function examplesOf(command: Command): string {
  let text = ''
  const written = { writeOut: (part: string) => void (text += part), writeErr: () => {} }
  command.configureOutput(written).outputHelp()
  return text.slice(command.createHelp().formatHelp(command, command.createHelp()).length).trim()
}

function pathOf(command: Command): string {
  const parent = command.parent ? pathOf(command.parent) : ''
  return parent === '' ? command.name() : `${parent} ${command.name()}`
}

const anchor = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-')
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '\\<')

function sentence(text: string): string {
  const trimmed = text.trim()
  const begun = trimmed === '' || /^[`'A-Z-]/.test(trimmed) ? trimmed : trimmed[0]!.toUpperCase() + trimmed.slice(1)
  return begun === '' || /[.:!?]$/.test(begun) ? begun : `${begun}.`
}
