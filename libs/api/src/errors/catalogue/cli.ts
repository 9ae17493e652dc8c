import type { ErrorEntry } from '../lightflus-error.ts'

/** What the command `lightflus` itself can find wrong. */
export const cli = {
  LF_CLI_USAGE: {
    domain: 'user',
    retry: false,
    meaning: 'The command line is not one that the command understands.',
    nextStep: 'See `lightflus help` with the name of the command.',
    example: 'Give either --password-stdin or answer on a terminal.',
  },
  LF_CLI_FILE: {
    domain: 'user',
    retry: false,
    meaning: 'A file that the command was given cannot be read or is not of the form it needs.',
    nextStep: 'Mend the file or the path that is named.',
    example: 'job.yaml: program is missing.',
  },
  LF_CLI_EXISTS: {
    domain: 'user',
    retry: false,
    meaning: 'The folder for a new project holds something already.',
    nextStep: 'Choose another name, or empty the folder.',
    example: 'my-job exists and is not empty.',
  },
  LF_CLI_NO_CONTEXT: {
    domain: 'user',
    retry: false,
    meaning: 'The command needs a platform and none is chosen.',
    nextStep: 'Sign in with `lightflus login URL`, or set LIGHTFLUS_URL and LIGHTFLUS_API_KEY.',
    example: 'No platform is chosen.',
  },
  LF_CLI_NOT_SIGNED_IN: {
    domain: 'user',
    retry: false,
    meaning: 'The chosen platform needs credentials and there are none.',
    nextStep: 'Sign in with `lightflus login URL`.',
    example: 'You are not signed in to http://127.0.0.1:4400.',
  },
  LF_CLI_CONTEXTS: {
    domain: 'user',
    retry: false,
    meaning: 'The file that holds the contexts cannot be read.',
    nextStep: 'Delete the file that is named and sign in again.',
    example: '~/.config/lightflus/contexts.json is damaged.',
  },
  LF_CLI_TIMEOUT: {
    domain: 'external',
    retry: true,
    meaning: 'What a command waited for did not happen in time; it may still happen.',
    nextStep: 'Look with `lightflus describe job NAME`, or wait longer with --timeout.',
    example: 'Job orders is still STARTING after 60 s.',
  },
  LF_CLI_INTERNAL: {
    domain: 'internal',
    retry: false,
    meaning: 'The command failed in a way that nobody expected.',
    nextStep: 'Report it with the whole output and `lightflus version`.',
    example: 'Cannot read properties of undefined.',
  },
} satisfies Record<string, ErrorEntry>
