import { type CivilDate, civilDayAt } from '#kernel/days.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Context, type Database, read, sql, transact } from '#platform/database/index.ts'
import type { Services } from '#platform/services.ts'
import { createSession, failedTries, verifySecret } from '#platform/sign-in/index.ts'

interface Found {
  readonly office_id: number
  readonly actor_kind: 'staff' | 'member'
  readonly actor_id: number
  readonly secret_hash: string
}

/** hours a session lasts: a working day */
export const sessionHours = 12

/** A request by somebody who is not signed in yet. */
export interface AtTheDoor {
  readonly db: Database
  readonly services: Services
  readonly now: Date
  readonly requestId: string
  readonly address: string
}

export interface Opened {
  readonly token: string
  readonly name: string
  readonly role: string
  readonly office: number
  readonly expiresAt: string
}

/**
 * Signs an officer or member in. A wrong name and a wrong password answer alike and take alike; repeated failures from
 * one address slow that address down, never the account for everybody.
 */
export const signIn = async (
  at: AtTheDoor,
  input: { login: string; password: string; appointmentId?: number | undefined; device?: string | undefined },
): Promise<Result<Opened, Refused>> => {
  if (!failedTries.mayTry(at.address, input.login, at.now)) return refuse({ code: 'too_many_requests' })
  const wait = failedTries.slowMs(input.login, at.now)
  if (wait > 0) await new Promise((go) => setTimeout(go, wait))
  const { rows } = await at.db.pool.query<Found>('select * from network.sign_in_of($1)', [input.login])
  const found = rows[0]
  if (!(await verifySecret(found?.secret_hash ?? null, input.password)) || !found) {
    failedTries.note(at.address, input.login, at.now)
    return refuse({ code: 'sign_in_refused' })
  }
  const who = { office: found.office_id, kind: found.actor_kind, id: found.actor_id }
  const opened = await openSession(at, who, { ...input, command: 'network.sign-in' })
  return opened ?? refuse({ code: 'sign_in_refused' })
}

/** Opens the session of somebody who has shown who she is, under an appointment of today; null where an officer has none. */
export const openSession = async (
  at: AtTheDoor,
  who: { office: number; kind: 'staff' | 'member'; id: number },
  how: {
    command: string
    object?: string
    appointmentId?: number | undefined
    device?: string | undefined
    secondStep?: boolean
  },
): Promise<Result<Opened, Refused> | null> => {
  const ctx: Context = {
    db: at.db,
    services: at.services,
    office: who.office,
    actor: { kind: who.kind, id: who.id, name: '', role: 'signing-in', place: null },
    today: civilDayAt(at.now),
    at: at.now,
    requestId: at.requestId,
    from: at.address,
  }
  const appointment =
    who.kind === 'member'
      ? { id: null, role: 'member', name: '' }
      : await appointmentOn(ctx, ctx.today, { staffId: who.id, wanted: how.appointmentId })
  if (!appointment) return null
  const expiresAt = new Date(at.now.getTime() + sessionHours * 3_600_000)
  return transact(
    ctx,
    how.command,
    async (tx) => {
      const token = await createSession(tx, {
        actorKind: who.kind,
        actorId: who.id,
        appointmentId: appointment.id,
        at: at.now,
        expiresAt,
        fromAddress: at.address,
        device: how.device ?? null,
        secondStepAt: how.secondStep ? at.now : null,
      })
      const { name, role } = appointment
      return ok({ token, name, role, office: who.office, expiresAt: expiresAt.toISOString() })
    },
    how.object ? { object: how.object } : {},
  )
}

const appointmentOn = (ctx: Context, today: CivilDate, by: { staffId: number; wanted: number | undefined }) =>
  read(ctx, async (tx) => {
    const { rows } = await sql<{ id: number; role: string; name: string }>`
      select a.id, a.role, s.name from network.appointment a
        join network.staff s on s.office_id = a.office_id and s.id = a.staff_id
       where a.office_id = ${tx.office} and a.staff_id = ${by.staffId}
         and a.from_on <= ${today}::date and (a.until_on is null or ${today}::date < a.until_on)
         and (${by.wanted ?? null}::bigint is null or a.id = ${by.wanted ?? null})
       order by a.from_on desc, a.id desc limit 1`.execute(tx.q)
    return rows[0]
  })
