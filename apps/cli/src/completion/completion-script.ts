import type { CompletionPath, CompletionWord } from './completion-words.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A script that makes a shell complete `lightflus`. Where nothing fits, files are offered. */
export function completionScript(shell: Shell, paths: readonly CompletionPath[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(paths)
    case 'zsh':
      return zshScript(paths)
    case 'fish':
      return fishScript(paths)
  }
}

/** Finds which path of commands stands on the line, skipping options and values: `path` in both shells' scripts. */
function pathCase(paths: readonly CompletionPath[]): string {
  const known = paths.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`)
  return `case "\${path:+$path }$word" in
      ${known.join('|')}) path="\${path:+$path }$word" ;;
    esac`
}

function bashScript(paths: readonly CompletionPath[]): string {
  const cases = paths.map(({ path, words }) => `    "${path}") words="${words.map(({ word }) => word).join(' ')}" ;;`)
  return `# lightflus completion bash; add to ~/.bashrc: source <(lightflus completion bash)
_lightflus() {
  local path="" word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    ${pathCase(paths)}
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _lightflus lightflus
`
}

function zshScript(paths: readonly CompletionPath[]): string {
  const entry = ({ word, description }: CompletionWord): string =>
    quoted(`${word.replaceAll(':', '\\:')}:${description}`)
  const cases = paths.map(({ path, words }) => `    "${path}") entries=(${words.map(entry).join(' ')}) ;;`)
  return `#compdef lightflus
# lightflus completion zsh; add to ~/.zshrc: source <(lightflus completion zsh)
_lightflus() {
  local path="" word
  local -a entries
  for word in "\${words[@]:1:$((CURRENT - 2))}"; do
    ${pathCase(paths)}
  done
  case "$path" in
${cases.join('\n')}
  esac
  _describe 'lightflus' entries || _files
}
compdef _lightflus lightflus
`
}

function fishScript(paths: readonly CompletionPath[]): string {
  const lines = paths.flatMap(({ path, words }) => {
    const commands = path === '' ? [] : path.split(' ')
    const condition =
      commands.length === 0
        ? '__fish_use_subcommand'
        : commands.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ')
    return words.map(({ word, description }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`
      return `complete -c lightflus -n '${condition}' ${what} -d ${quoted(description)}`
    })
  })
  return `# lightflus completion fish; lightflus completion fish > ~/.config/fish/completions/lightflus.fish
${lines.join('\n')}
`
}

/** In single quotes, for all three shells; a quote inside becomes a typographic one, for each escapes it its own way. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’').replaceAll('\\', '')}'`
}
