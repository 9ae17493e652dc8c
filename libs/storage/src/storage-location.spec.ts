import { join } from 'node:path'
import { formatStorageLocation, locationBelow, openStorage, parseStorageLocation } from './storage-location.ts'

describe('the text that says where checkpoints lie', () => {
  it.each([
    ['.lightflus/orders', { kind: 'folder', folder: '.lightflus/orders' }],
    ['/var/lib/x', { kind: 'folder', folder: '/var/lib/x' }],
    ['s3://acme', { kind: 's3', bucket: 'acme', prefix: '' }],
    ['s3://acme/', { kind: 's3', bucket: 'acme', prefix: '' }],
    ['s3://acme-1/jobs/orders/', { kind: 's3', bucket: 'acme-1', prefix: 'jobs/orders' }],
    ['s3://acme/a?region=eu-west-1', { kind: 's3', bucket: 'acme', prefix: 'a', region: 'eu-west-1' }],
    [
      's3://acme/a?endpoint=http://minio:9000&path-style=false',
      { kind: 's3', bucket: 'acme', prefix: 'a', endpoint: 'http://minio:9000', pathStyle: false },
    ],
  ])('%s is read', (text, location) => {
    const read = parseStorageLocation(text)
    expect(read).toEqual(location)
    expect(parseStorageLocation(formatStorageLocation(read))).toEqual(location)
  })

  it.each([
    ['', 'it is empty'],
    ['gs://acme/a', "'gs://' is none of what is known"],
    ['S3://acme/a', "'S3://' is none"],
    ['s3:///a', 'no name of a bucket'],
    ['s3://ab/a', "'ab' is no name of a bucket"],
    ['s3://Acme/a', "'Acme' is no name of a bucket"],
    ['s3://acme:9000/a', "'acme:9000' is no name of a bucket"],
    ['s3://acme/a//b', "prefix 'a//b' has characters"],
    ['s3://acme/.a', "prefix '.a' has characters"],
    ['s3://acme/a%20b', 'has characters other than'],
    ['s3://acme/a?acl=public', "parameter 'acl'"],
    ['s3://acme/a?endpoint=minio:9000', "endpoint is 'minio:9000'"],
    ['s3://acme/a?endpoint=http://minio/x', 'not of the form'],
    ['s3://acme/a?path-style=yes', "path-style is 'yes'"],
    ['s3://acme/a?region=%0a', 'region is'],
    ['s3://acme/a#b', 'no address'],
  ])('%j is refused', (text, reason) => {
    expect(() => parseStorageLocation(text)).toThrow(
      expect.objectContaining({ code: 'LF_STORAGE_LOCATION', message: expect.stringContaining(reason) }),
    )
  })

  it.each(['s3://key:hidden@acme/a', 's3://acme/a?endpoint=http://key:hidden@minio:9000'])(
    'a secret in it is refused without being repeated: %j',
    (text) => {
      const said = (() => {
        try {
          parseStorageLocation(text)
        } catch (thrown) {
          return JSON.stringify(thrown) + String(thrown)
        }
      })()
      expect(said).toContain('credentials have no place')
      expect(said).not.toContain('hidden')
    },
  )

  it('goes down by tenant and job', () => {
    expect(locationBelow('/checkpoints', 'tenant/job')).toBe('/checkpoints/tenant/job')
    expect(locationBelow('s3://acme', 'tenant/job')).toBe('s3://acme/tenant/job')
    expect(locationBelow('s3://acme/x/?region=eu-west-1', 'tenant/job')).toBe('s3://acme/x/tenant/job?region=eu-west-1')
  })

  it('is opened without a call to what it names', () => {
    expect(openStorage('s3://acme/orders?region=eu-west-1').location).toBe('s3://acme/orders')
    expect(openStorage('state', '/work').location).toBe(join('/work', 'state'))
    expect(openStorage('/state', '/work').location).toBe('/state')
  })
})
