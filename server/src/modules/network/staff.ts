import type { CivilDate } from '#kernel/days.ts'
import type { Tx } from '#platform/database/index.ts'
import type { Role } from './roles.ts'

/** An officer of the office, with a name to sign in with; the secret comes already hashed (argon2id). */
export const addStaff = async (
  tx: Tx,
  staff: { name: string; login: string; secretHash: string },
): Promise<{ staffId: number }> => {
  const staffId = await tx.ids.take()
  await tx.q.insertInto('network.staff').values({ office_id: tx.office, id: staffId, name: staff.name }).execute()
  await tx.q
    .insertInto('network.login')
    .values({
      login: staff.login,
      office_id: tx.office,
      actor_kind: 'staff',
      actor_id: staffId,
      secret_hash: staff.secretHash,
    })
    .execute()
  return { staffId }
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
