import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { LightflusError } from '@lightflus/api'

/** The folder of Lightflus that this command belongs to: projects link what they need from there, so nothing is fetched. */
const checkout = resolve(import.meta.dirname, '..', '..', '..', '..')
const template = resolve(import.meta.dirname, '..', '..', 'template')

/** Package → its folder in the checkout. */
const packages = {
  lightflus: 'libs/lightflus',
  zod: 'node_modules/zod',
  '@types/node': 'node_modules/@types/node',
} as const
/** Commands that the project's scripts use; the second is the Node that Lightflus is pinned to. */
const commands = { lightflus: 'libs/lightflus/bin/lightflus.js', node: 'node_modules/.bin/node' } as const

const jobName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Makes a project: a program, a test, the settings of both. It works at once, without the network.
 * @param folder absolute; its last part is the name of project and job.
 * @returns the files made, relative to the folder.
 * @throws LF_CLI_USAGE for a name that no job can have, LF_CLI_EXISTS when the folder holds something.
 */
export async function initProject(folder: string, name: string): Promise<readonly string[]> {
  if (!jobName.test(name))
    throw new LightflusError('LF_CLI_USAGE', `'${name}' cannot name a job.`, {
      nextStep: 'Use lower-case letters, digits and hyphens, 63 at most, no hyphen at either end.',
    })
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new LightflusError('LF_CLI_EXISTS', `${folder} exists and is not empty.`)

  const files = await projectFiles(folder, name)
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), content)
  }
  for (const [link, target] of [
    ...Object.entries(packages),
    ...Object.entries(commands).map(([command, path]) => [`.bin/${command}`, path] as const),
  ])
    await linkTo(join(folder, 'node_modules', link), join(checkout, target))
  return Object.keys(files)
}

async function projectFiles(folder: string, name: string): Promise<Readonly<Record<string, string>>> {
  const filled = async (file: string): Promise<string> =>
    (await readFile(join(template, file), 'utf8')).replaceAll('my-job', name)
  const linked = (...names: (keyof typeof packages)[]): Record<string, string> =>
    Object.fromEntries(names.map((each) => [each, `file:${relative(folder, join(checkout, packages[each]))}`]))
  const program = `src/${name}.ts`
  return {
    'package.json': json({
      name,
      version: '0.1.0',
      private: true,
      type: 'module',
      engines: { node: '>=26' },
      scripts: {
        start: `lightflus run ${program}`,
        check: `lightflus check ${program}`,
        test: 'node --test "test/**/*.test.ts"',
      },
      dependencies: linked('lightflus', 'zod'),
      devDependencies: linked('@types/node'),
    }),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'es2024',
        lib: ['es2024', 'esnext.temporal'],
        module: 'esnext',
        moduleResolution: 'bundler',
        allowImportingTsExtensions: true,
        noEmit: true,
        strict: true,
        isolatedModules: true,
        skipLibCheck: true,
        types: ['lightflus/globals'],
      },
      include: ['src', 'test'],
    }),
    '.gitignore': 'node_modules/\n.lightflus/\nlightflus.connections.*\n',
    'README.md': await filled('README.md'),
    [program]: await filled('src/program.ts'),
    [`test/${name}.test.ts`]: await filled('test/program.test.ts'),
  }
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

async function linkTo(link: string, target: string): Promise<void> {
  if (!existsSync(target)) return
  await mkdir(dirname(link), { recursive: true })
  await symlink(target, link)
}
