import type { ErrorEntry } from '../lightflus-error.ts'

/** What can keep `lightflus up`, the whole platform on one machine, from starting or staying up. */
export const up = {
  LF_UP_OPTION: {
    domain: 'user',
    retry: false,
    meaning: 'An option of `lightflus up` is unknown or has a value that it cannot have.',
    nextStep: 'See `lightflus up --help`.',
    example: "--port is a number from 1 to 65535, not 'abc'.",
  },
  LF_UP_NODE_TOO_OLD: {
    domain: 'user',
    retry: false,
    meaning: 'The Node.js that runs the command is older than Lightflus needs.',
    nextStep: 'Start it by `npm start` or `npx lightflus up` after `npm ci`, which installs the right Node.js.',
    example: 'Lightflus needs Node.js 26; this is 20.19.2.',
  },
  LF_UP_PLATFORM_UNSUPPORTED: {
    domain: 'user',
    retry: false,
    meaning: 'There are no Postgres programs for this operating system and processor.',
    nextStep: 'Use Linux (x64 or arm64, glibc) or macOS (arm64), or run the platform on Kubernetes.',
    example: 'Lightflus cannot run a whole platform on win32 x64.',
  },
  LF_UP_NOT_BUILT: {
    domain: 'user',
    retry: false,
    meaning: 'A part of the platform has not been built.',
    nextStep: 'Run `npm ci`, which builds, or `npm run build`.',
    example: 'The console is not built: apps/console/dist/index.html is missing.',
  },
  LF_UP_PORT_IN_USE: {
    domain: 'user',
    retry: false,
    meaning: 'Another program listens on the port that the platform was to use.',
    nextStep: 'End that program, or choose another port with --port.',
    example: 'Port 4400 of 127.0.0.1 is in use.',
  },
  LF_UP_ALREADY_RUNNING: {
    domain: 'user',
    retry: false,
    meaning: 'A platform runs on this data folder already; two would destroy its data.',
    nextStep: 'Use the running one, or end it first, or give this one a folder of its own with --data-dir.',
    example: 'A platform runs on /home/ada/.local/share/lightflus already (process 4711, http://127.0.0.1:4400).',
  },
  LF_UP_FOLDER_UNWRITABLE: {
    domain: 'user',
    retry: false,
    meaning: 'The data folder cannot be made or written.',
    nextStep: 'Give yourself the right to write there, or choose another folder with --data-dir.',
    example: 'The data folder /srv/lightflus cannot be written: permission denied.',
  },
  LF_UP_FOLDER_FOREIGN: {
    domain: 'user',
    retry: false,
    meaning: 'The data folder holds something else, or was made by a release that this one cannot read.',
    nextStep: 'Choose another folder with --data-dir, or use the release that made this one.',
    example:
      'The folder /srv/lightflus was made by Lightflus 0.4.0, whose format 3 is newer than this release knows (1).',
  },
  LF_UP_FOLDER_DAMAGED: {
    domain: 'user',
    retry: false,
    meaning: 'The data folder is Lightflus’ own, but its content is damaged.',
    nextStep:
      'Put back a backup (see its folder `backups`), or start afresh with --reset, which deletes all jobs and data.',
    example: 'The data folder /srv/lightflus is damaged: postgres/PG_VERSION is missing.',
  },
  LF_UP_FOLDER_UNREACHABLE: {
    domain: 'user',
    retry: false,
    meaning: 'Started as root, the database has to run as another user, and that one cannot reach the data folder.',
    nextStep: 'Choose a folder with --data-dir that others may pass through, such as /var/lib/lightflus.',
    example: 'User nobody cannot pass through /root to /root/data.',
  },
  LF_UP_NO_DATABASE_USER: {
    domain: 'user',
    retry: false,
    meaning: 'Postgres runs neither as root nor as a user without a name, and no other user was found.',
    nextStep: 'Start the platform as an ordinary user that /etc/passwd knows.',
    example: 'User 1234 has no name on this machine, which Postgres demands.',
  },
  LF_UP_DISK_FULL: {
    domain: 'external',
    retry: true,
    meaning: 'The disk of the data folder is full.',
    nextStep: 'Make room on that disk, then start again; nothing that was confirmed is lost.',
    example: 'The disk of /srv/lightflus is full.',
  },
  LF_UP_DATABASE: {
    domain: 'external',
    retry: true,
    meaning: 'The embedded Postgres does not start, or does not stay up.',
    nextStep: 'Read the end of its log, which the message shows.',
    example: 'Postgres ended with code 1. The end of /srv/lightflus/logs/postgres.log: …',
  },
  LF_UP_CONTROL_PLANE: {
    domain: 'external',
    retry: true,
    meaning: 'The control plane does not start, or does not stay up.',
    nextStep: 'Read the end of its log, which the message shows.',
    example: 'The control plane ended with code 1. The end of /srv/lightflus/logs/control-plane.log: …',
  },
  LF_UP_RESET_UNCONFIRMED: {
    domain: 'user',
    retry: false,
    meaning: '--reset deletes all data, and nobody confirmed it.',
    nextStep: 'Answer yes at the question, or add --yes where nobody can answer.',
    example: 'Nothing was deleted: --reset needs --yes where there is no terminal.',
  },
  LF_UP_NOT_THERE: {
    domain: 'user',
    retry: false,
    meaning: 'The data folder holds no platform yet, or the platform on it does not run.',
    nextStep:
      'Start the platform with `npm start` or `lightflus up`; a folder other than the default needs --data-dir here too.',
    example: 'No platform runs on /home/ada/.local/share/lightflus.',
  },
} satisfies Record<string, ErrorEntry>
