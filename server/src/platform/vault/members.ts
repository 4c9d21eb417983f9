import { sql, type Tx } from '../database/index.ts'
import type { Purpose, Vault } from './index.ts'
import { keyFor } from './keys.ts'
import { keyIdOf, openWith, sealWith } from './sealing.ts'

/** In the head of a ciphertext: sealed under the member's own key, not under a key of the ring. */
const herOwn = 0

/** Sealing and opening what is about a member. What she alone could unlock opens for nobody once her key is destroyed. */
export interface MemberSeals {
  seal(personId: number, purpose: Purpose, text: string | Buffer): Buffer
  /** null: her key was destroyed */
  openBytes(personId: number, purpose: Purpose, sealed: Buffer): Buffer | null
  open(personId: number, purpose: Purpose, sealed: Buffer): string | null
}

const sealsWith = (vault: Vault, keys: ReadonlyMap<number, Buffer>): MemberSeals => {
  const known = new Map<string, Buffer>()
  const keyOf = (personId: number, purpose: Purpose): Buffer | null => {
    const name = `${personId}/${purpose}`
    const found = known.get(name)
    if (found) return found
    const secret = keys.get(personId)
    if (!secret) return null
    const key = keyFor(secret.toString('base64'), purpose)
    known.set(name, key)
    return key
  }
  const seals: MemberSeals = {
    seal: (personId, purpose, text) => {
      const key = keyOf(personId, purpose)
      if (!key) throw new Error('the member has no key')
      return sealWith(key, herOwn, text, vault.cipher)
    },
    openBytes: (personId, purpose, sealed) => {
      if (keyIdOf(sealed) !== herOwn) return vault.openBytes(purpose, sealed)
      const key = keyOf(personId, purpose)
      if (!key) return null
      try {
        return openWith(key, sealed)
      } catch {
        return null // sealed under an earlier key of hers, which was destroyed
      }
    },
    open: (personId, purpose, sealed) => seals.openBytes(personId, purpose, sealed)?.toString('utf8') ?? null,
  }
  return seals
}

/** For sealing something new about these members; who has no key yet gets one. */
export const sealsOf = async (vault: Vault, tx: Tx, personIds: readonly number[]): Promise<MemberSeals> =>
  sealsWith(vault, await vault.memberKeys(tx, personIds))

/** For reading: makes no key, so that a destroyed one is not silently replaced. */
export const opensOf = async (vault: Vault, tx: Tx, personIds: readonly number[]): Promise<MemberSeals> => {
  const { rows } = await sql<{ id: number; wrapped: Buffer }>`
    select person_id as id, wrapped_sealed as wrapped from platform.member_key
     where office_id = ${tx.office} and person_id = any (${[...new Set(personIds)]}::bigint[])`.execute(tx.q)
  return sealsWith(vault, new Map(rows.map((row) => [row.id, vault.openBytes('member.key', row.wrapped)])))
}

/** Destroys a member's key in this office. There is no way back. */
export const destroyMemberKey = async (tx: Tx, personId: number): Promise<void> => {
  await sql`delete from platform.member_key where office_id = ${tx.office} and person_id = ${personId}`.execute(tx.q)
}
