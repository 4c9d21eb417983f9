import { randomBytes } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { assert } from '#kernel/assert.ts'
import { sql, type Tx } from '../database/index.ts'
import { type KeyRing, keyedHash, keyFor, openRing, readRing } from './keys.ts'
import { type Cipher, keyIdOf, openWith, sealWith } from './sealing.ts'
import type { Column, Done, Pieces, Work } from './worker.ts'

export { hasRing } from './keys.ts'
export { maskAccount, maskName, maskPaper } from './mask.ts'
export { destroyMemberKey, type MemberSeals, opensOf, sealsOf } from './members.ts'

/** What may be sealed or hashed; each purpose has a key of its own. */
export type Purpose =
  | 'member.name'
  | 'member.paper'
  | 'claim.words'
  | 'payee.name'
  | 'payee.account'
  | 'file'
  | 'member.key'
  | 'staff.person'
  | 'staff.phone'
  | 'second.step'
  | 'oidc.trip'
export type HashPurpose = 'paper' | 'content' | 'notice' | 'request' | 'oidc.subject' | 'sms.code'

/** A column to be sealed or hashed with others of the same rows. */
export type Concealing =
  | { readonly what: 'seal'; readonly purpose: Purpose; readonly texts: readonly string[] }
  | { readonly what: 'hash'; readonly purpose: HashPurpose; readonly texts: readonly string[] }

export interface Vault {
  /** what seals from now on; what seals under a key of its own (a member's, a file's) seals by it too */
  readonly cipher: Cipher
  seal(purpose: Purpose, text: string | Buffer): Buffer
  open(purpose: Purpose, sealed: Buffer): string
  openBytes(purpose: Purpose, sealed: Buffer): Buffer
  hash(purpose: HashPurpose, text: string): Buffer
  /** Whole columns, in a worker thread: the thread that answers requests stays free. */
  concealMany(columns: readonly Concealing[]): Promise<Buffer[][]>
  sealMany(purpose: Purpose, texts: readonly string[]): Promise<Buffer[]>
  hashMany(purpose: HashPurpose, texts: readonly string[]): Promise<Buffer[]>
  openMany(purpose: Purpose, sealed: readonly Buffer[]): Promise<string[]>
  /** The member's own secret; made at first need. Destroying its row makes what was salted with it untraceable for ever. */
  memberKeys(tx: Tx, personIds: readonly number[]): Promise<Map<number, Buffer>>
  close(): Promise<void>
}

/** Opens (or makes, once) the keys under `dir`. */
export const openVault = async ({ dir }: { dir: string }): Promise<Vault> => {
  let ring = await openRing(dir)
  const keys = new Map<string, Buffer>()
  const keyOf = (secret: string, purpose: string, id: string): Buffer => {
    const name = `${id}/${purpose}`
    const known = keys.get(name) ?? keyFor(secret, purpose)
    keys.set(name, known)
    return known
  }
  const ringKey = (id: number, purpose: Purpose): Buffer => {
    // Another process may have added a key to the ring (tongzhou keys rotate): look once more before giving up.
    if (!ring.keys[id]) ring = readRing(dir)
    const secret = ring.keys[id]
    assert(secret, 'the ring no longer has the key of this ciphertext')
    return keyOf(secret, purpose, String(id))
  }
  const workers = inWorkers(ring)

  const cipher = ring.cipher ?? 'aes'
  const vault: Vault = {
    cipher,
    seal: (purpose, text) => sealWith(ringKey(ring.current, purpose), ring.current, text, cipher),
    openBytes: (purpose, sealed) => openWith(ringKey(keyIdOf(sealed), purpose), sealed),
    // An emptied value is of a member whose data were destroyed.
    open: (purpose, sealed) => (sealed.length === 0 ? '' : vault.openBytes(purpose, sealed).toString('utf8')),
    hash: (purpose, text) => keyedHash(keyOf(ring.hashKey, purpose, 'hash'), text),
    concealMany: (columns) => workers.run(columns),
    sealMany: async (purpose, texts) => (await workers.run([{ what: 'seal', purpose, texts }]))[0] ?? [],
    hashMany: async (purpose, texts) => (await workers.run([{ what: 'hash', purpose, texts }]))[0] ?? [],
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
          select person_id, wrapped_sealed as wrapped from platform.member_key
           where office_id = ${tx.office} and person_id = any (${ids}::bigint[])`.execute(tx.q)
      const found = new Set((await find()).rows.map((row) => row.person_id))
      const missing = ids.filter((id) => !found.has(id))
      if (missing.length > 0) {
        const wrapped = missing.map(() => vault.seal('member.key', randomBytes(32)))
        await sql`
          insert into platform.member_key (office_id, person_id, wrapped_sealed)
          select ${tx.office}, person_id, wrapped
            from unnest(${missing}::bigint[], ${wrapped}::bytea[]) as new (person_id, wrapped)
          on conflict do nothing`.execute(tx.q)
      }
      return new Map((await find()).rows.map((row) => [row.person_id, vault.openBytes('member.key', row.wrapped)]))
    },
    close: workers.close,
  }
  return vault
}

const cut = ({ bytes, ends }: Pieces): Buffer[] => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const pieces: Buffer[] = []
  let from = 0
  for (const end of ends) {
    pieces.push(all.subarray(from, end))
    from = end
  }
  return pieces
}

/** One worker thread, started at first need, that hashes and seals columns in pieces. */
const inWorkers = (ring: KeyRing) => {
  let worker: Worker | undefined
  let next = 1
  const waiting = new Map<number, { done(columns: Buffer[][]): void; fail(error: Error): void }>()

  const start = (): Worker => {
    const started = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: ring })
    started.unref()
    started.on('message', ({ id, columns }: Done) => {
      waiting.get(id)?.done(columns.map(cut))
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
    run: (columns: readonly Column[]): Promise<Buffer[][]> => {
      if (columns.every(({ texts }) => texts.length === 0)) return Promise.resolve(columns.map(() => []))
      worker ??= start()
      worker.ref()
      const id = next
      next += 1
      const work: Work = { id, columns }
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
