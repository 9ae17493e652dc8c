import type { ErrorEntry } from '../lightflus-error.ts'

/** What can be wrong with a program: found when it is checked, or when its functions run. */
export const program = {
  LF_PROGRAM_FILE: {
    domain: 'user',
    retry: false,
    meaning: 'The file of the program is not there, or is not a file.',
    nextStep: 'Give the path of a file such as `word-count.ts`.',
    example: 'wrod-count.ts: There is no such file.',
  },
  LF_PROGRAM_SYNTAX: {
    domain: 'user',
    retry: false,
    meaning: 'The program does not parse as TypeScript.',
    nextStep: 'Mend the line that is named and check again with `lightflus check`.',
    example: "word-count.ts:7:3: ')' expected.",
  },
  LF_PROGRAM_TYPE: {
    domain: 'user',
    retry: false,
    meaning: 'The program parses, but its types do not fit.',
    nextStep: 'Mend the line that is named and check again with `lightflus check`.',
    example: "orders.ts:12:28: Property 'amuont' does not exist on type 'Order'.",
  },
  LF_PROGRAM_IMPORT: {
    domain: 'user',
    retry: false,
    meaning: 'The program imports a module that cannot run in a job, such as one of Node’s built-in modules.',
    nextStep: 'Remove the import; reach outside systems through a connector instead.',
    example: "orders.ts:2: 'node:fs' cannot be imported in a program.",
  },
  LF_PROGRAM_NO_JOB: {
    domain: 'user',
    retry: false,
    meaning: 'The program’s default export is not a job.',
    nextStep: 'End the program with `export default job(name, build)`.',
    example: 'word-count.ts has no default export made by job().',
  },
  LF_PROGRAM_BUILD: {
    domain: 'user',
    retry: false,
    meaning: 'The function that builds the graph threw.',
    nextStep: 'Mend the line that is named; the function may use neither environment, clock nor network.',
    example: 'Building job word-count failed at word-count.ts:9: x is not defined.',
  },
  LF_PROGRAM_LIMIT: {
    domain: 'user',
    retry: false,
    meaning: 'Building the graph took more time or memory than a program may.',
    nextStep: 'Keep work out of the top level and out of the build function: it only describes the graph.',
    example: 'Building the graph took longer than 2 s.',
  },
  LF_PROGRAM_OPTION: {
    domain: 'user',
    retry: false,
    meaning: 'An operator or connector was given an option that is unknown, missing or out of bounds.',
    nextStep: 'Mend the option that is named; its documentation states unit, default and bounds.',
    example: "window: unknown option 'sise'; known are size, offset.",
  },
  LF_PROGRAM_GRAPH: {
    domain: 'user',
    retry: false,
    meaning: 'The graph is not one that can run: two operators of one name, a flow without a source or without a sink.',
    nextStep: 'Mend the operator that is named.',
    example: "Two operators are named 'per-user'.",
  },
  LF_PROGRAM_UNNAMED: {
    domain: 'user',
    retry: false,
    meaning:
      'An operator that keeps state has no name: a warning, since the state could not be matched after a change.',
    nextStep: "Give the operator a name, such as `{ name: 'per-user' }`.",
    example: 'Operator window-2 keeps state but has no name.',
  },
  LF_COMPILER_BUSY: {
    domain: 'internal',
    retry: true,
    meaning: 'More programs wait to be checked than the compiler lets wait.',
    nextStep: 'Check again in some seconds.',
    example: 'Too many programs are being checked at once.',
  },
  LF_GRAPH_MISMATCH: {
    domain: 'internal',
    retry: false,
    meaning: 'The bundle built another graph here than the one its version was checked with.',
    nextStep: 'Make the build function depend on nothing but its code, then make a new version.',
    example: 'The graph of job orders has hash 1f…, its version says 9c….',
  },
  LF_USER_FUNCTION: {
    domain: 'user',
    retry: false,
    meaning: 'A function of the program threw on a record.',
    nextStep: "Mend the function at the line that is named, or set the operator's onError to 'skip'.",
    example: 'Job orders, operator map-2, record orders/0@1284: Cannot read properties of undefined (orders.ts:14).',
  },
  LF_USER_RESULT: {
    domain: 'user',
    retry: false,
    meaning:
      'A function of the program returned what its operator cannot use, such as a promise or a key that is an object.',
    nextStep: 'Let the function return what its operator’s documentation asks for.',
    example: 'Job orders, operator keyBy-1, record orders/0@1284: the key is an object, not text, number or boolean.',
  },
  LF_AGGREGATE_VALUE: {
    domain: 'user',
    retry: false,
    meaning: 'A function of the program gave an aggregate what it cannot fold, such as undefined or NaN to a sum.',
    nextStep:
      "Mend the function (is the field spelt right?), filter such records out, or set the operator's onError to 'skip'.",
    example:
      "Job orders, operator window-1, record orders/0@1284: aggregate 'spent': it takes a finite number, and was given undefined.",
  },
  LF_USER_CONTEXT: {
    domain: 'user',
    retry: false,
    meaning:
      'A function of the program used its context in a way that cannot work: it wrote to broadcast state outside of onBroadcast, set a timer where there is no onTimer, or set timers without end after the input had ended.',
    nextStep: 'Mend the function as the message says; the documentation of the operator has an example.',
    example:
      "Job orders, operator connect-1: broadcast state 'rules' is to be read only here: onBroadcast alone may write to it.",
  },
  LF_RECORD_DECODE: {
    domain: 'user',
    retry: false,
    meaning: 'A payload could not be decoded: it is not of the format that the source or lookup expects.',
    nextStep: "Mend the data or the format, or set the operator's onError to 'skip'.",
    example: "Job orders, operator source-1, record orders/0@1284: Unexpected token 'x' in JSON at position 0.",
  },
  LF_RECORD_INVALID: {
    domain: 'user',
    retry: false,
    meaning: 'A record, or what a lookup found for it, was decoded, but the schema refuses it.',
    nextStep: "Mend the data or the schema, or set the operator's onError to 'skip'.",
    example: 'Job orders, operator source-1, record orders/0@1284: amount: expected number, received string.',
  },
  LF_RECORD_EVENT_TIME: {
    domain: 'user',
    retry: false,
    meaning: 'A record has no event time, or one that is not a number of milliseconds since the epoch.',
    nextStep: "Give the source an eventTime that returns milliseconds, or set the operator's onError to 'skip'.",
    example: 'Job orders, operator source-1, record orders/0@1284: eventTime returned NaN.',
  },
  LF_PROGRAM_WASM: {
    domain: 'user',
    retry: false,
    meaning: 'A WebAssembly module that the program uses cannot run in a job, or lacks an export that its use needs.',
    nextStep: 'Build the module as the page on WebAssembly functions says, with the exports that the message names.',
    example: 'wasm: the module exports no function risk, alloc.',
  },
  LF_PROGRAM_CHANGELOG: {
    domain: 'user',
    retry: false,
    meaning:
      'A stream whose rows change leads to a sink that cannot take rows back, so that what it holds would be wrong.',
    nextStep:
      'Use a sink that upserts by key, or `stream.changes()` to write each change as a record that says what it is.',
    example: "The files sink, as it is set up, cannot take rows back, and 'totals' emits a changelog.",
  },
} satisfies Record<string, ErrorEntry>
