import { createSecretKey } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { type KeyRing, keyedHash, keyFor } from './keys.ts'
import { sealWith } from './sealing.ts'

/** A column of texts to hash or seal. */
export interface Column {
  readonly what: 'seal' | 'hash'
  readonly purpose: string
  readonly texts: readonly string[]
}
/** Columns to be worked on away from the thread that answers requests. */
export interface Work {
  readonly id: number
  readonly columns: readonly Column[]
}
/** The results of one column end to end in one buffer, with where each ends. */
export interface Pieces {
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
}
export interface Done {
  readonly id: number
  readonly columns: readonly Pieces[]
}

const ring = workerData as KeyRing

const worked = ({ what, purpose, texts }: Column): Pieces => {
  const secret = what === 'seal' ? (ring.keys[ring.current] ?? '') : ring.hashKey
  const key = createSecretKey(keyFor(secret, purpose))
  const each = texts.map((text) =>
    what === 'seal' ? sealWith(key, ring.current, text, ring.cipher) : keyedHash(key, text),
  )
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
  return { bytes, ends }
}

parentPort?.on('message', ({ id, columns }: Work) => {
  const done: Done = { id, columns: columns.map(worked) }
  parentPort?.postMessage(
    done,
    done.columns.flatMap(({ bytes, ends }) => [bytes.buffer as ArrayBuffer, ends.buffer as ArrayBuffer]),
  )
})
