import type { S3Settings } from '../../store/users/users.ts'
import { FetchError } from '../fetch/safe-fetch.ts'

const DEFAULT_REGION = 'us-east-1'

/** Where requests about a bucket go. An empty endpoint is Amazon's. Throws FetchError when it is no address. */
export function bucketAddress({ endpoint, region, bucket, pathStyle }: S3Settings): URL {
  if (bucket === '') throw new FetchError('bad_address', 'the bucket has no name')
  const url = endpointUrl(endpoint || `https://s3.${region || DEFAULT_REGION}.amazonaws.com`)
  if (pathStyle) url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(bucket)}`
  else url.hostname = `${bucket}.${url.hostname}`
  return url
}

/** The address of an object of a bucket. */
export function objectAddress(bucket: URL, key: string): URL {
  const url = new URL(bucket)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodedKey(key)}`
  return url
}

/**
 * The address under which receivers are told to find an object: below `public_url` (with the bucket's name), path
 * style, Amazon's, or with the bucket as a part of the host's name. Never signed.
 */
export function publicAddress(settings: S3Settings, key: string): string {
  const { publicUrl, endpoint, region, bucket, pathStyle } = settings
  const path = encodedKey(key)
  if (publicUrl) return `${publicUrl.replace(/\/$/, '')}/${bucket}/${path}`
  if (endpoint === '' || (!pathStyle && endpoint.includes('amazonaws.com'))) {
    return `https://${bucket}.s3.${region || DEFAULT_REGION}.amazonaws.com/${path}`
  }
  if (pathStyle) return `${endpointUrl(endpoint).href.replace(/\/$/, '')}/${bucket}/${path}`
  return `https://${bucket}.${endpointUrl(endpoint).host}/${path}`
}

function endpointUrl(endpoint: string): URL {
  const address = /^https?:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`
  if (!URL.canParse(address)) throw new FetchError('bad_address', 'the endpoint is not an address')
  return new URL(address)
}

function encodedKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
