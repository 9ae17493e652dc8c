const segment = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const segmentsMax = 8

/** Whether {@link assertPath} lets it pass. */
export function isPath(path: string): boolean {
  const segments = path.split('/')
  return segments.length <= segmentsMax && segments.every((each) => segment.test(each))
}

/**
 * Refuses a path that some driver could not keep, or that could lead out of its place: segments are letters, digits,
 * `.`, `_` and `-`, never begin with a dot, and are at most 128 long; at most 8 of them, parted by single slashes.
 * A wrong path is a mistake of the caller's code, so this is an assertion and no LightflusError.
 */
export function assertPath(path: string): void {
  if (isPath(path)) return
  throw new TypeError(`'${path}' is no path of a file in checkpoint storage`)
}

/** Like {@link assertPath}, for what a path may begin with: the last segment may be cut anywhere, or be empty. */
export function assertPrefix(prefix: string): void {
  if (prefix === '') return
  assertPath(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix)
}
