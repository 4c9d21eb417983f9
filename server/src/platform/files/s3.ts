import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as wait } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import { pathOf, type Storage } from './storage.ts'

/** A bucket of an S3-compatible storage, by its whole address: some put its name into the host, some into the path. */
export interface S3Place {
  readonly url: string
  readonly region: string
  readonly keyId: string
  readonly secret: string
}

/** What the storage said when it did not do what it was asked. */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused'
  /** whether asking again may help: it is down or busy */
  readonly isPassing: boolean
  constructor(said: string, isPassing: boolean) {
    super(said)
    this.isPassing = isPassing
  }
}

const attempts = 4
const firstWaitMs = 200
const longestMs = 60_000

/** Files in a bucket. Each request is signed together with the hash of what it carries (SigV4), so that a storage keeps what we sent or refuses it. */
export const s3Storage = (place: S3Place, { withinMs = longestMs } = {}): Storage => {
  const addressOf = (name: string): string => `${place.url.replace(/\/+$/, '')}/${pathOf(name)}`
  const send = async (method: 'PUT' | 'GET', name: string, body?: Buffer): Promise<Response> => {
    const signed = await new AwsV4Signer({
      method,
      url: addressOf(name),
      headers: {
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      accessKeyId: place.keyId,
      secretAccessKey: place.secret,
      service: 's3',
      region: place.region,
    }).sign()
    return fetch(signed.url, {
      method,
      headers: signed.headers,
      signal: AbortSignal.timeout(withinMs),
      redirect: 'error', // a signature is for one address
      ...(body ? { body: new Uint8Array(body) } : {}),
    })
  }
  return {
    put: async (name, sealed) => {
      const answer = await patiently(() => send('PUT', name, sealed))
      if (!answer.ok) throw await refusalOf(answer)
      await answer.arrayBuffer()
    },
    open: async (name) => {
      const answer = await patiently(() => send('GET', name))
      if (answer.ok && answer.body) {
        const file = Readable.fromWeb(answer.body as ReadableStream)
        file.on('error', () => {}) // one that is left unread runs out of time, and must not end the process; a reader hears of it
        return file
      }
      const refused = await refusalOf(answer)
      if (answer.status === 404 && !refused.message.includes('NoSuchBucket')) return undefined
      throw refused
    },
  }
}

/** Asks again where the network or the storage stumbled; what is put twice under one name is the same. */
const patiently = async (ask: () => Promise<Response>): Promise<Response> => {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask().catch((error: Error) => error)
    const hasStumbled = answer instanceof Error || answer.status >= 500 || answer.status === 429
    if (!hasStumbled) return answer
    if (attempt === attempts) {
      if (answer instanceof Error) throw new StorageRefused(reasonOf(answer), true)
      return answer
    }
    if (!(answer instanceof Error)) await answer.body?.cancel()
    await wait(firstWaitMs * 2 ** attempt * Math.random())
  }
}

/** The code of a refusal stands in its XML; nothing else of it is told on. */
const refusalOf = async (answer: Response): Promise<StorageRefused> => {
  const code = /<Code>(\w+)<\/Code>/.exec((await answer.text()).slice(0, 2_000))?.[1]
  return new StorageRefused(code ? `${answer.status} ${code}` : `${answer.status}`, answer.status >= 500)
}
const reasonOf = (error: Error): string => String((error.cause as { code?: string } | undefined)?.code ?? error.name)

/** What a storage says to being tried: a file of no meaning is put and read back; undefined where all is well. */
export const tryStorage = async (storage: Storage): Promise<StorageRefused | undefined> => {
  const sign = Buffer.from('tongzhou')
  try {
    await storage.put(trialName, sign)
    const found = await storage.open(trialName)
    return found && (await buffer(found)).equals(sign)
      ? undefined
      : new StorageRefused('it gave back something else', false)
  } catch (error) {
    if (error instanceof StorageRefused) return error
    throw error
  }
}
const trialName = 'tongzhou-trial'
