import type { FastifyRequest } from 'fastify'
import { type CivilDate, civilDayAt } from '#kernel/days.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Context, type Database, read, sql, type Tx, transact } from '#platform/database/index.ts'
import { deviceOf, type HttpOptions } from '#platform/http/http.ts'
import type { Services } from '#platform/services.ts'
import {
  createSession,
  type Device,
  failedOnDevice,
  failedTries,
  knownDevice,
  rememberDevice,
  verifySecret,
} from '#platform/sign-in/index.ts'
import type { Span } from '#platform/traces/index.ts'
import { newActsOf } from './store.ts'

interface Found {
  readonly office_id: number
  readonly actor_kind: 'staff' | 'member'
  readonly actor_id: number
  readonly secret_hash: string
}

/** Who signs in, before it is known under which appointment. */
interface Who {
  readonly office: number
  readonly kind: 'staff' | 'member'
  readonly id: number
}

/** hours a session lasts: a working day */
export const sessionHours = 12

/** A request by somebody who is not signed in yet. */
export interface AtTheDoor {
  readonly db: Database
  readonly services: Services
  readonly now: Date
  readonly requestId: string
  /** the request as it is watched, where traces are switched on */
  readonly trace: Span | undefined
  readonly address: string
  /** what the browser or program calls itself */
  readonly agent: string | undefined
  /** the device, where it keeps cookies */
  readonly device: Device | null
}

export const atTheDoor = (req: FastifyRequest, at: HttpOptions): AtTheDoor => ({
  db: at.db,
  services: at.services,
  now: at.clock(),
  requestId: req.id,
  trace: req.trace,
  address: req.ip,
  agent: req.headers['user-agent'],
  device: deviceOf(req),
})

export interface Opened {
  readonly token: string
  readonly name: string
  readonly role: string
  readonly office: number
  readonly expiresAt: string
  /** of a member: how many acts for or about her she has not read */
  readonly newActs?: number
}

/**
 * Signs an officer or member in. A wrong name and a wrong password answer alike and take alike; repeated failures from
 * one address or device slow that one down, never the account for everybody.
 */
export const signIn = async (
  at: AtTheDoor,
  input: { login: string; password: string; appointmentId?: number | undefined },
): Promise<Result<Opened, Refused>> => {
  if (!mayTry(at, input.login)) return refuse({ code: 'too_many_requests' })
  const { rows } = await at.db.pool.query<Found>('select * from network.sign_in_of($1)', [input.login])
  const found = rows[0]
  const who = { office: found?.office_id ?? 0, kind: found?.actor_kind ?? 'staff', id: found?.actor_id ?? 0 } as const
  const wait = failedTries.slowMs(input.login, at.now)
  if (wait > 0 && (await deviceOfHers(at, who)) === null) await new Promise((go) => setTimeout(go, wait))
  if (!(await verifySecret(found?.secret_hash ?? null, input.password)) || !found) {
    failedTries.note(at.address, input.login, at.now)
    if (at.device) failedOnDevice.note(at.device.token, input.login, at.now)
    return refuse({ code: 'sign_in_refused' })
  }
  const opened = await openSession(at, who, { ...input, command: 'network.sign-in' })
  return opened ?? refuse({ code: 'sign_in_refused' })
}

const mayTry = ({ address, device, now }: AtTheDoor, login: string): boolean =>
  failedTries.mayTry(address, login, now) && (!device || failedOnDevice.mayTry(device.token, login, now))

/** Opens the session of somebody who has shown who she is, under an appointment of today; null where an officer has none. */
export const openSession = async (
  at: AtTheDoor,
  who: Who,
  how: { command: string; object?: string; appointmentId?: number | undefined; secondStep?: boolean },
): Promise<Result<Opened, Refused> | null> => {
  const ctx = signingIn(at, who)
  const appointment =
    who.kind === 'member'
      ? { id: null, role: 'member', name: '' }
      : await appointmentOn(ctx, ctx.today, { staffId: who.id, wanted: how.appointmentId })
  if (!appointment) return null
  const known = await deviceOfHers(at, who)
  const expiresAt = new Date(at.now.getTime() + sessionHours * 3_600_000)
  return transact(
    ctx,
    how.command,
    async (tx) => {
      const deviceId = known !== null || how.secondStep ? await seenDevice(tx, ctx, at.device) : null
      const token = await createSession(tx, {
        actorKind: who.kind,
        actorId: who.id,
        appointmentId: appointment.id,
        at: at.now,
        expiresAt,
        fromAddress: at.address,
        device: at.agent ?? null,
        secondStepAt: how.secondStep ? at.now : null,
        knownDevice: deviceId === null ? null : { id: deviceId, isNew: known === null },
      })
      const { name, role } = appointment
      const opened = { token, name, role, office: who.office, expiresAt: expiresAt.toISOString() }
      return ok(who.kind === 'member' ? { ...opened, newActs: await newActsOf(tx, who.id) } : opened)
    },
    { object: [how.object, known === null ? 'device:unknown' : `device:${known}`].filter(Boolean).join(' ') },
  )
}

const signingIn = (at: AtTheDoor, who: Who): Context => ({
  db: at.db,
  services: at.services,
  office: who.office,
  actor: { kind: who.kind, id: who.id, name: '', role: 'signing-in', place: null },
  today: civilDayAt(at.now),
  at: at.now,
  requestId: at.requestId,
  from: at.address,
  ...(at.trace ? { trace: at.trace } : {}),
})

const deviceOfHers = async (at: AtTheDoor, who: Who): Promise<number | null> => {
  const { device } = at
  return device && read(signingIn(at, who), (tx) => knownDevice(tx, who, device))
}

const seenDevice = (tx: Tx, ctx: Context, device: Device | null): Promise<number> | null =>
  device && rememberDevice(tx, ctx.actor, device, ctx.at)

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
