import type { ErrorEntry } from '../lightflus-error.ts'

/** What can go wrong while a deployment runs: in its slots, its checkpoints and the place where those live. */
export const runtime = {
  LF_STORAGE_FULL: {
    domain: 'external',
    retry: true,
    meaning: 'The checkpoint storage has no room left.',
    nextStep: 'Free space at the place that is named, or give the job another place for its checkpoints.',
    example: 'Writing checkpoints/12-3/slot-0 to /var/lib/lightflus/orders failed: no space left on device (ENOSPC).',
  },
  LF_STORAGE_DENIED: {
    domain: 'external',
    retry: false,
    meaning: 'The checkpoint storage may not be read or written by this process.',
    nextStep: 'Give the process that runs the job the right to write at the place that is named.',
    example: 'Writing log/0000000001 to /var/lib/lightflus/orders failed: permission denied (EACCES).',
  },
  LF_STORAGE_FAILED: {
    domain: 'external',
    retry: true,
    meaning: 'The checkpoint storage failed for a reason other than space or rights.',
    nextStep: 'Look at the device or service behind the place that is named.',
    example: 'Reading checkpoints/12-3/slot-0 from /var/lib/lightflus/orders failed: input/output error (EIO).',
  },
  LF_STORAGE_UNREACHABLE: {
    domain: 'external',
    retry: true,
    meaning: 'The store of the checkpoints did not answer, also when asked again.',
    nextStep: 'See whether the store is up, and whether this machine’s network, proxy and policies let it be reached.',
    example: 'Writing log/0000000001 to s3://acme/orders failed: connect ECONNREFUSED 10.0.0.5:9000 (ECONNREFUSED).',
  },
  LF_STORAGE_MISSING: {
    domain: 'user',
    retry: false,
    meaning: 'The bucket that checkpoints are to lie in is not there.',
    nextStep: 'Make the bucket, or correct its name; Lightflus makes none.',
    example: 'Listing s3://acme/orders failed: The specified bucket does not exist (NoSuchBucket).',
  },
  LF_STORAGE_LOCATION: {
    domain: 'user',
    retry: false,
    meaning: 'The place that was given for checkpoints cannot be one.',
    nextStep: 'Give a folder, or s3://bucket/prefix with ?region=, endpoint= and path-style= as needed.',
    example: "The place for checkpoints cannot be used: 'gs://' is none of what is known: a folder, or s3://.",
  },
  LF_STORAGE_UNSUPPORTED: {
    domain: 'external',
    retry: false,
    meaning: 'The store does not create an object only once, so it could not keep two attempts of a job apart.',
    nextStep: 'Use a store that honours If-None-Match on PutObject, such as Amazon S3, or a folder.',
    example:
      'The store of s3://acme/orders cannot keep a job’s log: it wrote an object that was there, although the request forbade it (If-None-Match: *). Two attempts of a job could write at once.',
  },
  LF_CHECKPOINT_DAMAGED: {
    domain: 'external',
    retry: false,
    meaning:
      'A file of the job’s log or of its checkpoints is cut, altered or missing. An older checkpoint is used only where no sink would write again what it may have committed exactly once.',
    nextStep:
      'Bring the file back from a copy. Otherwise start the job afresh; where sinks are named, clear first what they have written.',
    example:
      'checkpoints/0000000012-3/0-1 in /var/lib/lightflus/orders is damaged: its checksum does not match. Sink out may have committed output since checkpoint 11, the one before, and would write it again.',
  },
  LF_CHECKPOINT_FORMAT: {
    domain: 'user',
    retry: false,
    meaning:
      'A file of the log or of a checkpoint was written in a format that this version of Lightflus does not read.',
    nextStep: 'Run the job with the version of Lightflus that wrote its checkpoints, or a newer one.',
    example: 'log/0000000007 in /var/lib/lightflus/orders has format 2; this version reads format 1.',
  },
  LF_CHECKPOINT_EXPIRED: {
    domain: 'internal',
    retry: true,
    meaning: 'A checkpoint was not complete within its time.',
    nextStep:
      'Look for a slow sink or a stalled operator; if the state is large, raise the limit on a checkpoint’s time.',
    example: 'Checkpoint 12 of job orders was not complete after 600 s; slots 1 and 3 had not answered.',
  },
  LF_SAVEPOINT_FAILED: {
    domain: 'internal',
    retry: true,
    meaning:
      'A savepoint that was asked for could not be taken; the job itself goes on, or has ended for another reason.',
    nextStep: 'Read the reason, look at the job’s state and its log, and ask again.',
    example: 'Job orders, FINISHED, took no savepoint.',
  },
  LF_CHECKPOINT_FAILED: {
    domain: 'internal',
    retry: true,
    meaning: 'Too many checkpoints in a row could not be completed.',
    nextStep: 'Mend what the cause names; without checkpoints a restart would repeat ever more records.',
    example: 'The last 10 checkpoints of job orders failed; the newest because no space is left on the device.',
  },
  LF_RESTORE_MISMATCH: {
    domain: 'user',
    retry: false,
    meaning:
      'The checkpoint holds state that the program cannot take: of operators that it does not have or has as another kind, of states that are gone, or values of another version.',
    nextStep:
      'Do what the message says of each: give names back, say how values of the older version become those of the newer (`migrate`), start from a checkpoint of the former version (`--from`), or drop what cannot be taken (`--drop-state`).',
    example: 'Job orders: the checkpoint holds state of per-user (process), which the program does not have.',
  },
  LF_STATE_MIGRATION: {
    domain: 'user',
    retry: false,
    meaning:
      'A migration of the program failed on a value that a former version kept: it threw, its schema refused the value, or it gave a promise.',
    nextStep:
      'Look at the value with `lightflus state inspect PLACE --operator NAME --key KEY`, let the migration take it, and deploy again: nothing was lost, the job still starts from the same checkpoint.',
    example:
      'Job orders, operator per-user: the value of state profile of key "u7" cannot be migrated from version 1 to 2: Cannot read properties of undefined (reading \'city\')',
  },
  LF_RESTORE_REPEATS: {
    domain: 'user',
    retry: false,
    meaning:
      'The deployment was to start from a checkpoint after which sinks that write exactly once may have committed more. What they committed since would be written again.',
    nextStep:
      'Start from the newest checkpoint instead. Or let the output come again knowingly, with `--accept-repeats`; clear first what these sinks have written since, or bear it twice.',
    example:
      'Job orders: after savepoint 9 more output may have been committed, which would be written again: by out (up to checkpoint 14).',
  },
  LF_STATE_UNSUPPORTED: {
    domain: 'user',
    retry: false,
    meaning: 'State of an operator holds a value that no checkpoint can hold, such as a function.',
    nextStep: 'Keep plain data in state: numbers, texts, arrays, plain objects, Map, Set, Date and typed arrays.',
    example: 'Operator reduce-1 holds state that no checkpoint can hold: () => 1 could not be cloned.',
  },
  LF_RECORD_UNSUPPORTED: {
    domain: 'user',
    retry: false,
    meaning: 'A record that goes from one slot to another holds a value that cannot be copied, such as a function.',
    nextStep: 'Make records of plain data: numbers, texts, arrays, plain objects, Map, Set, Date and typed arrays.',
    example: 'A record on the way key-by-1->count cannot be copied to another slot: () => 1 could not be cloned.',
  },
  LF_ATTEMPT_FENCED: {
    domain: 'internal',
    retry: false,
    meaning: 'Another attempt of the same job has claimed it, so this one ended itself.',
    nextStep:
      'Nothing, if the job was deployed or resumed elsewhere; otherwise see that it is started in one place only.',
    example: 'Attempt 4 of job orders was claimed elsewhere while attempt 3 was running here.',
  },
  LF_DEPLOYMENT_OPTION: {
    domain: 'user',
    retry: false,
    meaning: 'An option of the deployment is out of bounds.',
    nextStep: 'Mend the option that is named.',
    example: 'parallelism must be a whole number from 1 to 256; it is 0.',
  },
  LF_BUNDLE_UNREADABLE: {
    domain: 'internal',
    retry: false,
    meaning: 'The program’s bundle is missing or could not be loaded.',
    nextStep: 'Make a new version of the program; if the message names a line of it, mend that line.',
    example: 'The bundle of job orders could not be loaded: orders.ts:3: x is not defined.',
  },
  LF_CONNECTOR_UNKNOWN: {
    domain: 'internal',
    retry: false,
    meaning: 'The program uses a connector that this worker does not have.',
    nextStep: 'Run the program with the version of Lightflus that it was made with, or a newer one.',
    example: "Job orders: there is no connector 'pulsar'.",
  },
  LF_CONNECTION_MISSING: {
    domain: 'user',
    retry: false,
    meaning: 'The program names a connection that was not given to it.',
    nextStep: 'Create the connection, or mend its name in the program.',
    example:
      "Operator source-1 of job orders uses connection 'shop', which does not exist; there are cache, warehouse.",
  },
  LF_SLOT_UNRESPONSIVE: {
    domain: 'user',
    retry: false,
    meaning: 'A slot has given no sign of life for too long: most likely a function of the program never returns.',
    nextStep: 'Mend the function at the line that is named: look for a loop that does not end.',
    example: 'Slot 0 of job orders was silent for 30 s, in operator map-2 at orders.ts:14.',
  },
  LF_SLOT_MEMORY: {
    domain: 'user',
    retry: false,
    meaning: 'A slot needed more heap than it may use.',
    nextStep: 'Keep less in state or in memory, raise the parallelism, or raise the limit on a slot’s heap.',
    example: 'Slot 0 of job orders reached its limit of 256 MiB of heap.',
  },
  LF_STATE_TOO_LARGE: {
    domain: 'user',
    retry: false,
    meaning: 'Operators of a slot hold more keyed state than it may: three quarters of what its heap may be.',
    nextStep:
      'Keep states of functions on disk (`--state-backend disk`), let less be held at a time (shorter windows, less allowed lateness, a time to live for joins, keys and states, a key with fewer values, records with fewer fields), raise the parallelism, or raise the limit on a slot’s heap.',
    example: 'Job orders, operator per-user: it holds 193 MiB of state in 4105117 entries; 192 MiB are allowed.',
  },
  LF_STATE_DISK: {
    domain: 'internal',
    retry: true,
    meaning: 'State that lies on a slot’s disk cannot be read or written.',
    nextStep:
      'Make room in the folder, or mend its disk; the job starts again from its newest checkpoint. A state of many keys needs about three times its size.',
    example:
      'Job orders, operator per-user: its state on disk, in /var/lib/lightflus/state/0, cannot be read or written: ENOSPC: no space left on device, write.',
  },
  LF_SLOT_CRASHED: {
    domain: 'internal',
    retry: true,
    meaning: 'A slot ended without being asked to.',
    nextStep: 'Look at the cause; the job is restarted from its newest checkpoint.',
    example: 'Slot 1 of job orders ended with code 1.',
  },
  LF_SLOT_START: {
    domain: 'internal',
    retry: true,
    meaning: 'A slot was not ready within its time.',
    nextStep: 'Look for an outside system that does not answer, or for too little processor time.',
    example: 'Slot 0 of job orders was not ready after 60 s: it was opening its connectors.',
  },
  LF_PEER_LOST: {
    domain: 'internal',
    retry: true,
    meaning:
      'One of several workers of a deployment is gone, or cannot be reached any more, so all slots stop and the next attempt starts from the newest checkpoint.',
    nextStep:
      'Nothing, if the worker was restarted or moved; otherwise look at its logs, and at the Kafka that carries records between workers.',
    example: 'Worker 1 of job orders is lost: nothing was heard of it for 10 s.',
  },
  LF_PEER_REPLACED: {
    domain: 'internal',
    retry: false,
    meaning: 'Another process takes part in the deployment as the same worker, so this one ended itself.',
    nextStep: 'Nothing, if the worker was started anew; otherwise see that each worker is started once only.',
    example: 'Another process takes part in job orders as worker 1, so this one ended itself.',
  },
  LF_PROGRAM_UNCAUGHT: {
    domain: 'user',
    retry: false,
    meaning: 'The program threw outside of any record, or left a promise to reject with nobody to catch it.',
    nextStep:
      'Mend the line that is named; functions of a program are synchronous and should start nothing in the background.',
    example: 'Job orders left a rejected promise behind: Error: no (orders.ts:21).',
  },
  LF_PROGRAM_EXIT: {
    domain: 'user',
    retry: false,
    meaning: 'The program called process.exit or its like, or reached for the inspector: neither is its to use.',
    nextStep: 'Remove the call; to end a job when its input ends, use a source that ends.',
    example: 'Job orders called process.exit (orders.ts:9).',
  },
  LF_WORKER_CONFIG: {
    domain: 'internal',
    retry: false,
    meaning: 'A worker process was started without what it must be told.',
    nextStep: 'Let the platform start workers; started by hand, a worker needs the variables that are named.',
    example: 'The worker cannot start: LIGHTFLUS_WORKER_TOKEN is missing.',
  },
  LF_WORKER_REFUSED: {
    domain: 'internal',
    retry: false,
    meaning: 'The control plane does not know this worker any more.',
    nextStep: 'Nothing: the worker ends, and the platform places another where one is wanted.',
    example: 'The control plane refused this worker (401).',
  },
  LF_WORKER_BUNDLE: {
    domain: 'internal',
    retry: true,
    meaning: 'A worker received a bundle that is not the one of its version.',
    nextStep: 'Nothing at first: the worker fetches it again. If it stays, deploy a new version.',
    example: 'The bundle of job orders has hash 1f…, not 9c….',
  },
  LF_WORKER_START: {
    domain: 'internal',
    retry: true,
    meaning: 'A worker could not prepare what a deployment needs to start.',
    nextStep: 'See the cause: most often the worker’s folder is full or not writable.',
    example: 'Job orders could not be started.',
  },
  LF_EXCHANGE_PROTOCOL: {
    domain: 'internal',
    retry: true,
    meaning:
      'What one subtask received from another is not what the other can have sent: elements were lost, repeated or mixed up.',
    nextStep: 'Nothing: the next attempt starts from the newest checkpoint. If it comes back, report it.',
    example: 'Barrier 8 arrived while barrier 7 was being aligned.',
  },
  LF_CHECKPOINT_PROTOCOL: {
    domain: 'internal',
    retry: true,
    meaning: 'The coordinator of a job was told something about a checkpoint that cannot be.',
    nextStep: 'Nothing: the next attempt starts from the newest checkpoint. If it comes back, report it.',
    example: 'Job orders, attempt 3: source-1/0 finished twice.',
  },
  LF_CALL_FAILED: {
    domain: 'external',
    retry: true,
    meaning: 'A call that mapAsync made to the outside was rejected or did not answer in time, also when tried again.',
    nextStep:
      "See what the cause says of who was asked; raise timeout or retries where it is only slow, or set the operator's onError to 'skip'.",
    example: 'Job orders, operator mapAsync-1, record orders/0@1284: no answer within 30 s, after 4 tries.',
  },
  LF_OPERATOR_FAILED: {
    domain: 'internal',
    retry: true,
    meaning: 'An operator failed for a reason that nothing foresaw.',
    nextStep: 'Read the cause; if it stays, report it.',
    example: "Job orders, operator sink-1: Cannot read properties of undefined (reading 'length').",
  },
} satisfies Record<string, ErrorEntry>
