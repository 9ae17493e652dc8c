import { LightflusError } from '@lightflus/api'
import { s3Error } from './s3-error.ts'

const doing = 'Writing log/0000000001 to s3://acme/orders'
const sdkError = (name: string, status?: number, message = 'So it is'): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, attempts: 2 } })

describe('an error of an S3 store', () => {
  it.each([
    ['NoSuchBucket', 404, 'LF_STORAGE_MISSING', /So it is \(NoSuchBucket\)/, /Make the bucket/],
    ['AccessDenied', 403, 'LF_STORAGE_DENIED', /So it is/, /s3:ListBucket/],
    ['SomethingNew', 403, 'LF_STORAGE_DENIED', /So it is \(SomethingNew\)/, /s3:PutObject/],
    ['InvalidAccessKeyId', 403, 'LF_STORAGE_DENIED', /So it is/, /AWS_ACCESS_KEY_ID/],
    ['SignatureDoesNotMatch', 403, 'LF_STORAGE_DENIED', /secret key is not the one/, /AWS_SECRET_ACCESS_KEY/],
    ['ExpiredToken', 400, 'LF_STORAGE_DENIED', /So it is/, /Renew/],
    ['CredentialsProviderError', undefined, 'LF_STORAGE_DENIED', /no credentials were found/, /AWS_ACCESS_KEY_ID/],
    ['RequestTimeTooSkewed', 403, 'LF_STORAGE_DENIED', /clock of this machine/, /NTP/],
    ['PermanentRedirect', 301, 'LF_STORAGE_LOCATION', /another region/, /\?region=/],
    ['EntityTooLarge', 400, 'LF_STORAGE_FULL', /5 GiB/, /more slots/],
    ['XMinioStorageFull', 507, 'LF_STORAGE_FULL', /So it is/, /Free space/],
    ['NotImplemented', 501, 'LF_STORAGE_UNSUPPORTED', /does not know what was asked/, /If-None-Match/],
    ['SlowDown', 503, 'LF_STORAGE_FAILED', /So it is/, /Look at/],
    ['InternalError', 500, 'LF_STORAGE_FAILED', /So it is/, /Look at/],
    ['TimeoutError', undefined, 'LF_STORAGE_UNREACHABLE', /did not answer in time/, /network/],
    ['AbortError', undefined, 'LF_STORAGE_UNREACHABLE', /did not answer in time/, /network/],
  ])('named %s is told with what to do', (name, status, code, message, nextStep) => {
    const error = s3Error(doing, sdkError(name, status))
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message),
      nextStep: expect.stringMatching(nextStep),
      details: { error: name, status, tries: 2 },
    })
    expect(error.message).toMatch(/^Writing log\/0000000001 to s3:\/\/acme\/orders failed: .*\.$/)
  })

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
    'of the network: %s',
    (code) => {
      expect(s3Error(doing, Object.assign(new Error(`connect ${code}`), { code }))).toMatchObject({
        code: 'LF_STORAGE_UNREACHABLE',
        message: `${doing} failed: connect ${code} (${code}).`,
      })
    },
  )

  it('of several addresses of one name tells the first', () => {
    const thrown = Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:9000')]), {
      code: 'ECONNREFUSED',
    })
    expect(s3Error(doing, thrown).message).toContain('connect ECONNREFUSED ::1:9000')
  })

  it('keeps nothing of what the SDK knows of keys and signatures', () => {
    const thrown = Object.assign(sdkError('SignatureDoesNotMatch', 403), {
      AWSAccessKeyId: 'AKIDEXAMPLE',
      StringToSign: 'AWS4-HMAC-SHA256 hidden',
      $response: { headers: { authorization: 'hidden' } },
    })
    const error = s3Error(doing, thrown)
    expect(JSON.stringify(error)).not.toMatch(/hidden|AKID/)
    expect(Object.keys(error.cause as object)).toEqual(['name'])
  })

  it('that is one of ours already stays as it is', () => {
    const error = new LightflusError('LF_STORAGE_UNSUPPORTED', 'So it is.')
    expect(s3Error(doing, error)).toBe(error)
  })

  it('that is no error at all is told as text', () => {
    expect(s3Error(doing, 'odd')).toMatchObject({ code: 'LF_STORAGE_FAILED', message: `${doing} failed: odd (Error).` })
  })
})
