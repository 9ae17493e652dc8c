import type { ErrorEntry } from '../lightflus-error.ts'

/** What can be wrong with a program: found when it is checked, or when its functions run. */
export const program = {
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
} satisfies Record<string, ErrorEntry>
