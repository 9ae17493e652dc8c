type Fields = Record<string, unknown>

/** Takes the fields of these paths (`sasl.password`) out of options. Paths that are not there are skipped. */
export function splitSecrets(
  options: object,
  paths: readonly string[],
): { readonly shown: Fields; readonly secrets: Fields } {
  const shown = structuredClone(options) as Fields
  const secrets: Fields = {}
  for (const path of paths) {
    const names = path.split('.')
    const last = names.pop() as string
    let parent: unknown = shown
    for (const name of names) parent = isFields(parent) ? parent[name] : undefined
    if (!isFields(parent) || parent[last] === undefined) continue
    secrets[path] = parent[last]
    delete parent[last]
  }
  return { shown, secrets }
}

/** Puts them back. */
export function mergeSecrets(shown: object, secrets: Readonly<Fields>): Fields {
  const options = structuredClone(shown) as Fields
  for (const [path, value] of Object.entries(secrets)) {
    const names = path.split('.')
    const last = names.pop() as string
    let parent = options
    for (const name of names) parent = (parent[name] ??= {}) as Fields
    parent[last] = value
  }
  return options
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
