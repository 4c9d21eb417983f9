import { randomBytes } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { assert } from '#kernel/assert.ts'
import { sql, type Tx } from '../database/index.ts'
import { type KeyRing, keyedHash, keyFor, openRing } from './keys.ts'
import { keyIdOf, openWith, sealWith } from './sealing.ts'
import type { Done, Work } from './worker.ts'

export { maskAccount, maskName, maskPaper } from './mask.ts'

/** What may be sealed or hashed; each purpose has a key of its own. */
export type Purpose =
  | 'member.name'
  | 'member.paper'
  | 'claim.words'
  | 'payee.name'
  | 'payee.account'
  | 'file'
  | 'member.key'
export type HashPurpose = 'paper' | 'content' | 'notice'

export interface Vault {
  seal(purpose: Purpose, text: string | Buffer): Buffer
  open(purpose: Purpose, sealed: Buffer): string
  openBytes(purpose: Purpose, sealed: Buffer): Buffer
  hash(purpose: HashPurpose, text: string): Buffer
  /** Whole columns, in a worker thread: the thread that answers requests stays free. */
  sealMany(purpose: Purpose, texts: readonly string[]): Promise<Buffer[]>
  hashMany(purpose: HashPurpose, texts: readonly string[]): Promise<Buffer[]>
  openMany(purpose: Purpose, sealed: readonly Buffer[]): Promise<string[]>
  /** The member's own secret; made at first need. Destroying its row makes what was salted with it untraceable for ever. */
  memberKeys(tx: Tx, personIds: readonly number[]): Promise<Map<number, Buffer>>
  /** Destroys them, in this office and for ever; a key made later is another one. */
  destroyMemberKeys(tx: Tx, personIds: readonly number[]): Promise<void>
  close(): Promise<void>
}

/** Opens (or makes, once) the keys under `dir`. */
export const openVault = async ({ dir }: { dir: string }): Promise<Vault> => {
  const ring = await openRing(dir)
  const keys = new Map<string, Buffer>()
  const keyOf = (secret: string, purpose: string, id: string): Buffer => {
    const name = `${id}/${purpose}`
    const known = keys.get(name) ?? keyFor(secret, purpose)
    keys.set(name, known)
    return known
  }
  const ringKey = (id: number, purpose: Purpose): Buffer => {
    const secret = ring.keys[id]
    assert(secret, 'the ring no longer has the key of this ciphertext')
    return keyOf(secret, purpose, String(id))
  }
  const workers = inWorkers(ring)

  const vault: Vault = {
    seal: (purpose, text) => sealWith(ringKey(ring.current, purpose), ring.current, text),
    openBytes: (purpose, sealed) => openWith(ringKey(keyIdOf(sealed), purpose), sealed),
    open: (purpose, sealed) => vault.openBytes(purpose, sealed).toString('utf8'),
    hash: (purpose, text) => keyedHash(keyOf(ring.hashKey, purpose, 'hash'), text),
    sealMany: (purpose, texts) => workers.run('seal', purpose, texts),
    hashMany: (purpose, texts) => workers.run('hash', purpose, texts),
    openMany: async (purpose, sealed) => {
      const texts: string[] = []
      for (const [i, each] of sealed.entries()) {
        texts.push(vault.open(purpose, each))
        // A long list yields now and then, so that other requests are answered between.
        if (i % 500 === 499) await new Promise(setImmediate)
      }
      return texts
    },
    memberKeys: async (tx, personIds) => {
      const ids = [...new Set(personIds)]
      const find = () =>
        sql<{ person_id: number; wrapped: Buffer }>`
          select person_id, wrapped from platform.member_key
           where office_id = ${tx.office} and person_id = any (${ids}::bigint[])`.execute(tx.q)
      const found = new Set((await find()).rows.map((row) => row.person_id))
      const missing = ids.filter((id) => !found.has(id))
      if (missing.length > 0) {
        const wrapped = missing.map(() => vault.seal('member.key', randomBytes(32)))
        await sql`
          insert into platform.member_key (office_id, person_id, ring_key, wrapped)
          select ${tx.office}, person_id, ${ring.current}, wrapped
            from unnest(${missing}::bigint[], ${wrapped}::bytea[]) as new (person_id, wrapped)
          on conflict do nothing`.execute(tx.q)
      }
      return new Map((await find()).rows.map((row) => [row.person_id, vault.openBytes('member.key', row.wrapped)]))
    },
    destroyMemberKeys: async (tx, personIds) => {
      await sql`
        delete from platform.member_key where office_id = ${tx.office} and person_id = any (${[...personIds]}::bigint[])`.execute(
        tx.q,
      )
    },
    close: workers.close,
  }
  return vault
}

/** One worker thread, started at first need, that hashes and seals columns in pieces. */
const inWorkers = (ring: KeyRing) => {
  let worker: Worker | undefined
  let next = 1
  const waiting = new Map<number, { done(pieces: Buffer[]): void; fail(error: Error): void }>()

  const start = (): Worker => {
    const started = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: ring })
    started.unref()
    started.on('message', ({ id, bytes, ends }: Done) => {
      const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const pieces: Buffer[] = []
      let from = 0
      for (const end of ends) {
        pieces.push(all.subarray(from, end))
        from = end
      }
      waiting.get(id)?.done(pieces)
      waiting.delete(id)
      if (waiting.size === 0) started.unref()
    })
    started.on('error', (error) => {
      worker = undefined
      for (const each of waiting.values()) each.fail(error)
      waiting.clear()
    })
    return started
  }

  return {
    run: (what: Work['what'], purpose: string, texts: readonly string[]): Promise<Buffer[]> => {
      if (texts.length === 0) return Promise.resolve([])
      worker ??= start()
      worker.ref()
      const id = next
      next += 1
      const work: Work = { id, what, purpose, texts }
      return new Promise((done, fail) => {
        waiting.set(id, { done, fail })
        worker?.postMessage(work)
      })
    },
    close: async () => {
      await worker?.terminate()
    },
  }
}
