import type { CivilDate } from '#kernel/days.ts'
import { sql, type Tx } from '#platform/database/index.ts'
import type { Role } from './roles.ts'

/** An officer of the office, with a name to sign in with; the secret comes already hashed (argon2id). */
export const addStaff = async (
  tx: Tx,
  staff: { name: string; login: string; secretHash: string },
): Promise<{ staffId: number }> => {
  const staffId = await tx.ids.take()
  await tx.q.insertInto('network.staff').values({ office_id: tx.office, id: staffId, name: staff.name }).execute()
  await setLogin(tx, { login: staff.login, actorKind: 'staff', actorId: staffId, secretHash: staff.secretHash })
  return { staffId }
}

/** The name and secret somebody signs in with; a second call replaces the secret. */
export const setLogin = async (
  tx: Tx,
  login: { login: string; actorKind: 'staff' | 'member'; actorId: number; secretHash: string },
): Promise<void> => {
  await sql`
    insert into network.login (login, office_id, actor_kind, actor_id, secret_hash)
    values (${login.login}, ${tx.office}, ${login.actorKind}, ${login.actorId}, ${login.secretHash})
    on conflict (login) do update set secret_hash = ${login.secretHash}`.execute(tx.q)
}

/** A dated appointment: a role, and the place it is for; no place means the whole office. */
export const addAppointment = async (
  tx: Tx,
  appointment: {
    staffId: number
    role: Role
    place?: { kind: 'agency' | 'point' | 'unit'; id: number }
    fullTime?: boolean
    from: CivilDate
    until?: CivilDate
  },
): Promise<void> => {
  await tx.q
    .insertInto('network.appointment')
    .values({
      office_id: tx.office,
      id: await tx.ids.take(),
      staff_id: appointment.staffId,
      role: appointment.role,
      place_kind: appointment.place?.kind ?? null,
      place_id: appointment.place?.id ?? null,
      full_time: appointment.fullTime ?? true,
      from_on: appointment.from,
      until_on: appointment.until ?? null,
    })
    .execute()
}
