import type { ErrorEntry } from '../lightflus-error.ts'

/** What can go wrong with records that come over HTTP. */
export const ingest = {
  LF_INGEST_ENDPOINT_UNKNOWN: {
    domain: 'user',
    retry: false,
    meaning: 'The job has no source that takes records at this endpoint.',
    nextStep: 'See `lightflus graph` for the endpoints of the program, and that the version which has it is deployed.',
    example: 'Job orders takes no records at endpoint order; it does at: orders.',
  },
  LF_INGEST_ENDED: {
    domain: 'user',
    retry: false,
    meaning: 'The job has ended, or was never deployed, so nobody would read the records.',
    nextStep: 'Deploy the job. One that is suspended takes records, and reads them once it is resumed.',
    example: 'Job orders is STOPPED and takes no records.',
  },
  LF_INGEST_MEDIA_TYPE: {
    domain: 'user',
    retry: false,
    meaning: 'The request does not say what its body is, or says something that is not taken.',
    nextStep: 'Send `Content-Type: application/json` with one record, or `application/x-ndjson` with one a line.',
    example: 'Endpoint orders takes application/json and application/x-ndjson, and not text/csv.',
  },
  LF_INGEST_RECORDS: {
    domain: 'user',
    retry: false,
    meaning: 'Records of a request are not what the endpoint takes. Nothing of the request was stored.',
    nextStep: 'Mend the lines that are listed, and send the whole request again.',
    example: 'Endpoint orders takes none of the request: line 2: amount: must be a number.',
  },
  LF_INGEST_TOO_LARGE: {
    domain: 'user',
    retry: false,
    meaning: 'The body of a request is larger than the endpoint takes.',
    nextStep: 'Send fewer records at a time, or raise `bodyBytesMax` of the source.',
    example: 'Endpoint orders takes 1048576 bytes at a time; the body has 2500000.',
  },
  LF_INGEST_FULL: {
    domain: 'external',
    retry: true,
    meaning:
      'The log of an endpoint has reached its bound: the job reads more slowly than records come, or not at all.',
    nextStep:
      'Send the same request again after the time of Retry-After. If it lasts, see why the job is behind, or raise `bytesMax` of the source.',
    example: 'Endpoint orders of job shop takes no more for now: it holds 268435456 bytes; try again in 5 s.',
  },
  LF_INGEST_GONE: {
    domain: 'user',
    retry: false,
    meaning: 'A job was to read on from a place in the log of an endpoint that has been let go of.',
    nextStep:
      'Go on from the newest checkpoint: what only savepoints need stays only while the log is less than half full.',
    example: 'Job shop was to read on from segment 12 of endpoint orders, but the log begins with segment 40.',
  },
  LF_INGEST_UNAVAILABLE: {
    domain: 'external',
    retry: false,
    meaning:
      'This platform keeps checkpoints in a volume that only workers see, so it cannot write the log of an endpoint.',
    nextStep: 'Have whoever runs the platform set LIGHTFLUS_CHECKPOINTS to a place in S3.',
    example: 'Job orders takes no records over HTTP: the platform cannot reach its checkpoints.',
  },
} satisfies Record<string, ErrorEntry>
