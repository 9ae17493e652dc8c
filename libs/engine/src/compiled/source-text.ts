// What the texts of generated code have in common.

export const indented = (depth: number, lines: readonly string[]): string[] =>
  lines.map((line) => '  '.repeat(depth) + line)

/** On one line of a comment, whatever it holds. */
export const printable = (text: string): string => text.replaceAll(/[^ -~]/g, '?')

/**
 * The function of a text's body.
 * @returns undefined where code must not be made of text (a page's Content-Security-Policy).
 */
export function functionOfText<Given, Made>(body: string, given: Given): Made | undefined {
  let make
  try {
    make = new Function('$', `${body}${sourceUrl(body)}`) as (given: Given) => Made
  } catch (thrown) {
    // By its name, as it may be of another realm. Anything else is a mistake in what generates.
    if ((thrown as Error).name === 'EvalError') return undefined
    throw thrown
  }
  return make(given)
}

/** By it stacks and profiles name the code: `lightflus-generated/job-orders-subtask-orders-0-attempt-1`. */
const sourceUrl = (body: string): string =>
  `//# sourceURL=lightflus-generated/${body
    .slice(2, body.indexOf('\n'))
    .trim()
    .replaceAll(/[^A-Za-z0-9]+/g, '-')}\n`
