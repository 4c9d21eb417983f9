import { parentPort, workerData } from 'node:worker_threads'
import { type KeyRing, keyedHash, keyFor } from './keys.ts'
import { sealWith } from './sealing.ts'

/** A column of texts to hash or seal, away from the thread that answers requests. */
export interface Work {
  readonly id: number
  readonly what: 'seal' | 'hash'
  readonly purpose: string
  readonly texts: readonly string[]
}
/** The results end to end in one buffer, with where each ends. */
export interface Done {
  readonly id: number
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
}

const ring = workerData as KeyRing

parentPort?.on('message', ({ id, what, purpose, texts }: Work) => {
  const secret = what === 'seal' ? (ring.keys[ring.current] ?? '') : ring.hashKey
  const key = keyFor(secret, purpose)
  const each = texts.map((text) => (what === 'seal' ? sealWith(key, ring.current, text) : keyedHash(key, text)))
  const ends = new Uint32Array(each.length)
  let end = 0
  each.forEach((piece, i) => {
    end += piece.length
    ends[i] = end
  })
  const bytes = new Uint8Array(end)
  each.forEach((piece, i) => {
    bytes.set(piece, (ends[i] ?? 0) - piece.length)
  })
  const done: Done = { id, bytes, ends }
  parentPort?.postMessage(done, [bytes.buffer, ends.buffer])
})
