import type pg from 'pg'
import type { Purpose } from './index.ts'
import { addRingKey, dropRingKeys, type KeyRing, keyFor, openRing } from './keys.ts'
import { type Cipher, keyIdOf, openWith, sealWith } from './sealing.ts'

export { ciphersHere } from './sealing.ts'

/** Every column that lies under ring keys, with its purpose. A test holds this against the catalogue. */
export const sealedColumns: Readonly<Record<string, Purpose>> = {
  'platform.member_key.wrapped_sealed': 'member.key',
  'platform.file.key_sealed': 'file',
  'membership.member.name_sealed': 'member.name',
  'membership.member.paper_sealed': 'member.paper',
  'enrolment.roster_row.name_sealed': 'member.name',
  'enrolment.roster_row.paper_sealed': 'member.paper',
  'claims.event.words_sealed': 'claim.words',
  'claims.event.payee_name_sealed': 'payee.name',
  'claims.event.account_sealed': 'payee.account',
  'claims.item.payee_name_sealed': 'payee.name',
  'claims.item.account_sealed': 'payee.account',
  'payments.due.payee_name_sealed': 'payee.name',
  'payments.due.account_sealed': 'payee.account',
  'payments.mended_account.payee_name_sealed': 'payee.name',
  'payments.mended_account.account_sealed': 'payee.account',
  'network.staff_person.person_sealed': 'staff.person',
  'network.staff_kin.person_sealed': 'staff.person',
  'network.staff_phone.phone_sealed': 'staff.phone',
  'network.second_step.secret_sealed': 'second.step',
}

/** A batch is held locked while it is sealed anew: a short transaction each, so that the others go on working. */
const atATime = 1_000

const rewrap = async (owner: pg.Pool, ring: KeyRing, column: string, purpose: Purpose): Promise<number> => {
  const [schema, table, name] = column.split('.')
  const keys = new Map<number, Buffer>()
  const keyOf = (id: number): Buffer => {
    const key = keys.get(id) ?? keyFor(ring.keys[id] ?? '', purpose)
    keys.set(id, key)
    return key
  }
  let done = 0
  const client = await owner.connect()
  try {
    for (;;) {
      await client.query('begin')
      // Bytes 2 to 5 of a ciphertext name its key; 0 is a member's own key, which no rotation of the ring touches.
      const { rows } = await client.query<{ at: string; sealed: Buffer }>(
        `select ctid::text as at, ${name} as sealed from ${schema}.${table}
          where ${name} is not null and length(${name}) > 0 and substring(${name} from 2 for 4) not in ('\\x00000000'::bytea, $1)
          limit ${atATime} for update skip locked`,
        [int4(ring.current)],
      )
      const sealed = rows.map((row) =>
        sealWith(keyOf(ring.current), ring.current, openWith(keyOf(keyIdOf(row.sealed)), row.sealed), ring.cipher),
      )
      await client.query(
        `update ${schema}.${table} t set ${name} = n.sealed from unnest($1::tid[], $2::bytea[]) as n (at, sealed) where t.ctid = n.at`,
        [rows.map((row) => row.at), sealed],
      )
      await client.query('commit')
      done += rows.length
      if (rows.length < atATime) return done
    }
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}
const int4 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(n)
  return bytes
}

/**
 * A new ring key, and from it on another cipher where asked; everything sealed by an older key is sealed by it, while the
 * association works: rows that somebody holds are left for the next run, and every key stays in the ring until `retireKeys`
 * finds that nothing needs it.
 */
export const rotateKeys = async (
  owner: pg.Pool,
  dir: string,
  { fresh = true, cipher }: { readonly fresh?: boolean; readonly cipher?: Cipher | undefined } = {},
): Promise<{ current: number; rewrapped: Record<string, number> }> => {
  const ring = fresh ? await addRingKey(dir, cipher) : await openRing(dir)
  const rewrapped: Record<string, number> = {}
  for (const [column, purpose] of Object.entries(sealedColumns))
    rewrapped[column] = await rewrap(owner, ring, column, purpose)
  return { current: ring.current, rewrapped }
}

/** Which ring keys something is still sealed by. */
export const keysInUse = async (owner: pg.Pool): Promise<number[]> => {
  const used = new Set<number>()
  for (const column of Object.keys(sealedColumns)) {
    const [schema, table, name] = column.split('.')
    const { rows } = await owner.query<{ key: Buffer }>(
      `select distinct substring(${name} from 2 for 4) as key from ${schema}.${table} where length(${name}) > 0`,
    )
    for (const { key } of rows) used.add(key.readUInt32BE(0))
  }
  used.delete(0)
  return [...used].sort((a, b) => a - b)
}

/** Takes the keys out of the ring that nothing in the database needs any more. */
export const retireKeys = async (owner: pg.Pool, dir: string): Promise<number[]> => {
  const ring = await openRing(dir)
  const used = await keysInUse(owner)
  const gone = Object.keys(ring.keys)
    .map(Number)
    .filter((id) => id !== ring.current && !used.includes(id))
  if (gone.length > 0) await dropRingKeys(dir, gone)
  return gone
}
