import { execFileSync, spawnSync } from 'node:child_process'
import { createProgram } from '../program.ts'
import { emptyWorld } from '../testing/world.ts'
import { completionScript } from './completion-script.ts'
import { completionPaths } from './completion-words.ts'

// Goal: a shell offers what may come next, and its script is one that the shell accepts.

const paths = completionPaths(createProgram(emptyWorld()))

function bashOffers(...words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', paths)}
COMP_WORDS=(lightflus ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _lightflus; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)
}

it('offers commands, sub-commands, options and choices in bash', () => {
  expect(bashOffers('con')).toEqual(['context', 'connections'])
  expect(bashOffers('connections', 's')).toEqual(['set'])
  expect(bashOffers('connections', 'set', 'kafka', '--f')).toEqual(['--file'])
  expect(bashOffers('run', 'x.ts', '--parallelism', '2', '--st')).toEqual([
    '--state',
    '--state-backend',
    '--state-folder',
  ])
  expect(bashOffers('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
})

it.each(['zsh', 'fish'] as const)('names every command in %s, with its summary', (shell) => {
  const script = completionScript(shell, paths)
  expect(script).toContain('run a program here and now')
  for (const { path } of paths) expect(script).toContain(path.split(' ').at(-1))
  expect(script).not.toMatch(/undefined|\[object/)
  // Where the shell is there, it has the last word.
  const parsed = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' })
  if (!parsed.error) expect(parsed).toMatchObject({ status: 0, stderr: '' })
})
