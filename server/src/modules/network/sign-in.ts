import { civilDayAt } from '#kernel/days.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Database, read, sql, transact } from '#platform/database/index.ts'
import type { Services } from '#platform/services.ts'
import { createSession, failedTries, verifySecret } from '#platform/sign-in/index.ts'

interface Found {
  readonly office_id: number
  readonly actor_kind: 'staff' | 'member'
  readonly actor_id: number
  readonly secret_hash: string
}

/** hours a session lasts: a working day */
const sessionHours = 12

/**
 * Signs an officer or member in. A wrong name and a wrong password answer alike and take alike; repeated failures from
 * one address slow that address down, never the account for everybody.
 */
export const signIn = async (
  at: { db: Database; services: Services; now: Date; requestId: string; address: string },
  input: { login: string; password: string; appointmentId?: number | undefined; device?: string | undefined },
): Promise<Result<{ token: string; name: string; role: string; office: number; expiresAt: string }, Refused>> => {
  if (!failedTries.mayTry(at.address, input.login, at.now)) return refuse({ code: 'too_many_requests' })
  const wait = failedTries.slowMs(input.login, at.now)
  if (wait > 0) await new Promise((go) => setTimeout(go, wait))
  const { rows } = await at.db.pool.query<Found>('select * from network.sign_in_of($1)', [input.login])
  const found = rows[0]
  if (!(await verifySecret(found?.secret_hash ?? null, input.password)) || !found) {
    failedTries.note(at.address, input.login, at.now)
    return refuse({ code: 'sign_in_refused' })
  }
  const today = civilDayAt(at.now)
  const ctx = {
    db: at.db,
    services: at.services,
    office: found.office_id,
    actor: { kind: found.actor_kind, id: found.actor_id, name: '', role: 'signing-in', place: null },
    today,
    at: at.now,
    requestId: at.requestId,
  }
  const appointment =
    found.actor_kind === 'member'
      ? { id: null, role: 'member', name: '' }
      : await read(ctx, async (tx) => {
          const { rows: found1 } = await sql<{ id: number; role: string; name: string }>`
            select a.id, a.role, s.name from network.appointment a
              join network.staff s on s.office_id = a.office_id and s.id = a.staff_id
             where a.office_id = ${tx.office} and a.staff_id = ${found.actor_id}
               and a.from_on <= ${today}::date and (a.until_on is null or ${today}::date < a.until_on)
               and (${input.appointmentId ?? null}::bigint is null or a.id = ${input.appointmentId ?? null})
             order by a.from_on desc, a.id desc limit 1`.execute(tx.q)
          return found1[0]
        })
  if (!appointment) return refuse({ code: 'sign_in_refused' })
  const expiresAt = new Date(at.now.getTime() + sessionHours * 3_600_000)
  return transact(ctx, 'network.sign-in', async (tx) => {
    const token = await createSession(tx, {
      actorKind: found.actor_kind,
      actorId: found.actor_id,
      appointmentId: appointment.id,
      at: at.now,
      expiresAt,
      fromAddress: at.address,
      device: input.device ?? null,
    })
    return ok({
      token,
      name: appointment.name,
      role: appointment.role,
      office: found.office_id,
      expiresAt: expiresAt.toISOString(),
    })
  })
}
