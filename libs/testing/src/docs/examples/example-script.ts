import type { ChangeKind } from '@lightflus/api'

/** What one line of an example's text block says. */
export type ExampleStep = { readonly text: string } & (
  | {
      readonly verb: 'in'
      readonly source: string | undefined
      readonly value: unknown
      readonly at: number | undefined
    }
  | { readonly verb: 'payload'; readonly source: string | undefined; readonly payload: string }
  /** `'source'`: the sources make their own. */
  | { readonly verb: 'wm'; readonly source: string | undefined; readonly time: number | 'source' }
  | { readonly verb: 'end'; readonly source: string | undefined }
  | { readonly verb: 'now'; readonly time: number }
  | { readonly verb: 'lookup'; readonly operator: string | undefined; readonly key: unknown; readonly found: unknown }
  | { readonly verb: 'out'; readonly sink: string | undefined; readonly row: ExpectedRow }
  | { readonly verb: 'error'; readonly code: string }
)

export interface ExpectedRow {
  readonly change: ChangeKind
  readonly value: unknown
  /** The row may have other fields, too. */
  readonly isPartial: boolean
  /** Undefined: any. */
  readonly at: number | undefined
}

export const signs: Readonly<Record<ChangeKind, string>> = {
  insert: '',
  delete: '-',
  updateBefore: '<',
  updateAfter: '>',
}

/**
 * Reads the text block that stands behind a program: what goes in, and what comes out.
 *
 * ```
 * in       {"user":"a","amount":3} @1000   a record of the only (or first) source, with its event time in ms
 * in:payments {"order":1} @5               of the source named payments
 * payload  {"user":                        text as the outside system holds it, for the source to decode
 * wm       60000                           watermark of all sources; `wm:orders 5` of one; `wm source`, as the first
 *                                          line: the sources make their own
 * end                                      all sources end; `end:orders` one does
 * now      5000                            the clock moves to so many ms
 * lookup   "p1" {"name":"tea"}             what the lookup finds for a key, before everything else
 * out      {"key":"a","total":3} @59999    the next row of the only (or first) sink; its event time need not be told
 * out:late {"user":"a",…}                  of the sink named late; with …, other fields may follow
 * out      -{"key":"a"}                    -, <, > before the JSON: delete, updateBefore, updateAfter
 * error    LF_USER_FUNCTION                the line before ends the job with this code
 * ```
 * A comment begins with `#`, on a line of its own or behind one (but `payload`, which takes all).
 * @throws Error naming the line that is none of these.
 */
export function parseExample(block: string): ExampleStep[] {
  return block
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((text) => ({ text, ...parseLine(text) }))
}

type Unplaced<T> = T extends unknown ? Omit<T, 'text'> : never

function parseLine(text: string): Unplaced<ExampleStep> {
  const [, verb, name, rest] = /^([a-z]+)(?::([\w.-]+))?\s*(.*)$/.exec(text) ?? []
  try {
    switch (verb) {
      case 'in': {
        const { json, behind } = cutJson(rest)
        return { verb, source: name, value: JSON.parse(json), at: timeOf(behind) }
      }
      case 'payload':
        return { verb, source: name, payload: rest }
      case 'wm':
        return { verb, source: name, time: rest === 'source' ? rest : numberOf(withoutComment(rest)) }
      case 'end':
        return { verb, source: name }
      case 'now':
        return { verb, time: numberOf(withoutComment(rest)) }
      case 'lookup': {
        const key = cutJson(rest)
        const found = cutJson(key.behind)
        return { verb, operator: name, key: JSON.parse(key.json), found: JSON.parse(found.json) }
      }
      case 'out':
        return { verb, sink: name, row: parseRow(rest) }
      case 'error':
        return { verb, code: withoutComment(rest) }
    }
  } catch (cause) {
    throw new Error(`'${text}': ${(cause as Error).message}`, { cause })
  }
  throw new Error(`An example has no line '${text}'. It begins with in, payload, wm, end, now, lookup, out or error.`)
}

function parseRow(text: string): ExpectedRow {
  const change = (Object.keys(signs) as ChangeKind[]).find((kind) => signs[kind] !== '' && text.startsWith(signs[kind]))
  const { json, behind } = cutJson(change ? text.slice(1) : text)
  const whole = json.replace(/,?\s*…\s*\}$/, '}')
  return { change: change ?? 'insert', value: JSON.parse(whole), isPartial: whole !== json, at: timeOf(behind) }
}

/** The JSON value that a text begins with, and what stands behind it. */
function cutJson(text: string): { json: string; behind: string } {
  let depth = 0
  let inText = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (inText) {
      if (character === '\\') index++
      else if (character === '"') inText = false
    } else if (character === '"') inText = true
    else if ('[{'.includes(character)) depth++
    else if (']}'.includes(character)) depth--
    const next = text[index + 1]
    if (depth === 0 && !inText && (next === undefined || /\s/.test(next)))
      return { json: text.slice(0, index + 1), behind: text.slice(index + 1).trim() }
  }
  return { json: text, behind: '' }
}

function timeOf(behind: string): number | undefined {
  const time = withoutComment(behind)
  if (time === '') return undefined
  if (!time.startsWith('@')) throw new Error(`behind the JSON stands '${time}', which is neither @time nor # comment`)
  return numberOf(time.slice(1))
}

function numberOf(text: string): number {
  const number = Number(text)
  if (text === '' || !Number.isFinite(number)) throw new Error(`'${text}' is no number of milliseconds`)
  return number
}

const withoutComment = (text: string): string => text.replace(/(^|\s)#.*$/, '').trim()
