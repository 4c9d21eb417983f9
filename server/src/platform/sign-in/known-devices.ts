import { randomBytes } from 'node:crypto'
import { sql, type Tx } from '../database/index.ts'
import { tokenHash } from './token.ts'

/** What a browser shows to be known again: the token in its cookie, and what it calls itself. */
export interface Device {
  readonly token: string
  readonly label: string | null
}
interface Person {
  readonly kind: 'staff' | 'member' | 'system'
  readonly id: number
}

export const newDeviceToken = (): string => randomBytes(32).toString('base64url')
export const isDeviceToken = (said: string | undefined): said is string => /^[\w-]{43}$/.test(said ?? '')

/** Other for each person: a shared computer's cookie does not show in the table who shares it. */
const hashFor = (tx: Tx, who: Person, { token }: Device): Buffer =>
  tokenHash(`${tx.office} ${who.kind} ${who.id} ${token}`)

/** The device as this person's own, if she made a second step on it and has not forgotten it since. */
export const knownDevice = async (tx: Tx, who: Person, device: Device): Promise<number | null> => {
  const { rows } = await sql<{ id: number }>`
    select id from platform.known_device where office_id = ${tx.office} and actor_kind = ${who.kind}
       and actor_id = ${who.id} and token_hash = ${hashFor(tx, who, device)} and forgotten_at is null`.execute(tx.q)
  return rows[0]?.id ?? null
}

/** She made her second step on it: from now on it is known; or it was, and is seen once more. */
export const rememberDevice = async (tx: Tx, who: Person, device: Device, at: Date): Promise<number> => {
  const { rows } = await sql<{ id: number }>`
    insert into platform.known_device (office_id, id, actor_kind, actor_id, token_hash, label, first_seen_at, last_seen_at)
    values (${tx.office}, ${await tx.ids.take()}, ${who.kind}, ${who.id}, ${hashFor(tx, who, device)},
            ${device.label?.slice(0, 200) ?? null}, ${at}, ${at})
    on conflict (office_id, actor_kind, actor_id, token_hash) where forgotten_at is null
    do update set last_seen_at = excluded.last_seen_at returning id`.execute(tx.q)
  return rows[0]?.id ?? 0
}

export const devicesOf = async (tx: Tx, who: Person, current: Device | null) => {
  const { rows } = await sql<{ id: number; label: string | null; firstSeen: Date; lastSeen: Date; current: boolean }>`
    select id, label, first_seen_at as "firstSeen", last_seen_at as "lastSeen",
           coalesce(token_hash = ${current && hashFor(tx, who, current)}::bytea, false) as current
      from platform.known_device
     where office_id = ${tx.office} and actor_kind = ${who.kind} and actor_id = ${who.id} and forgotten_at is null
     order by last_seen_at desc, id desc limit 100`.execute(tx.q)
  return rows
}

/** Forgets a device; whoever is signed in on it as her, but in the session named, is so no more. */
export const forgetDevice = async (
  tx: Tx,
  who: Person,
  { deviceId, at, except }: { deviceId: number; at: Date; except: number },
): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    update platform.known_device set forgotten_at = ${at} where office_id = ${tx.office} and actor_kind = ${who.kind}
       and actor_id = ${who.id} and id = ${deviceId} and forgotten_at is null`.execute(tx.q)
  if (numAffectedRows === 0n) return false
  await sql`
    update platform.session set ended_at = ${at} where office_id = ${tx.office} and device_id = ${deviceId}
       and id <> ${except} and ended_at is null`.execute(tx.q)
  return true
}
