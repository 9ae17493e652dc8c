import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { services, uniqueName } from '@lightflus/testing/services'
import type { S3StorageOptions } from '../s3/s3-storage.ts'

/** The S3 server of this run and a bucket of its own in it. */
export async function newBucket(): Promise<Required<Pick<S3StorageOptions, 'bucket' | 'endpoint' | 'credentials'>>> {
  const address = new URL(services().s3Endpoint)
  const credentials = { accessKeyId: address.username, secretAccessKey: address.password }
  const endpoint = address.origin
  const bucket = uniqueName('storage').toLowerCase().replaceAll('_', '-')
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true })
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
  } finally {
    client.destroy()
  }
  return { bucket, endpoint, credentials }
}
