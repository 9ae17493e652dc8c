import type { SourceFile } from './source-tree.ts'

/** Versions in a package.json that are not exact: with a range, a machine without the lockfile gets another product. */
export function looseVersions(file: SourceFile): string[] {
  const manifest = JSON.parse(file.text) as Record<string, Record<string, string> | undefined>
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {})
      .filter(([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${file.path}: ${name}@${version}; name one version`),
  )
}
