import { randomBytes } from 'node:crypto'
import type { AddStaff, Appoint, AppointWatcher, EndAppointment, LendHand } from '#contract/access.ts'
import type { CivilDate } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { hashSecret } from '#platform/sign-in/index.ts'
import { isWatcher, type Role, rolesAbout } from './roles.ts'

/** An officer of an office, with a name to sign in with; the secret comes already hashed (argon2id). */
export const addStaff = async (
  tx: Tx,
  staff: { name: string; login: string; secretHash: string; temporary?: boolean; office?: number },
): Promise<{ staffId: number }> => {
  const staffId = await tx.ids.take()
  const office = staff.office ?? tx.office
  await sql`insert into network.staff (office_id, id, name) values (${office}, ${staffId}, ${staff.name})`.execute(tx.q)
  await sql`
    insert into network.login (login, office_id, actor_kind, actor_id, secret_hash, temporary)
    values (${staff.login}, ${office}, 'staff', ${staffId}, ${staff.secretHash}, ${staff.temporary ?? false})`.execute(
    tx.q,
  )
  return { staffId }
}

/** The number that her codes are sent to, sealed; null takes it away. */
export const addPhone = async (
  tx: Tx,
  ctx: Context,
  { staffId, phone, office = tx.office }: { staffId: number; phone: string | null; office?: number },
): Promise<void> => {
  const sealed = phone && ctx.services.vault.seal('staff.phone', phone)
  await sql`
    insert into network.staff_phone (office_id, staff_id, id, phone_sealed, set_at, set_by)
    values (${office}, ${staffId}, ${await tx.ids.take()}, ${sealed}, ${ctx.at}, ${ctx.actor.id})`.execute(tx.q)
}

/** The name and secret a member signs in with; a second call replaces the secret. Nobody else's name is touched. */
export const setLogin = async (
  tx: Tx,
  login: { login: string; actorKind: 'staff' | 'member'; actorId: number; secretHash: string },
): Promise<void> => {
  await sql`
    insert into network.login (login, office_id, actor_kind, actor_id, secret_hash)
    values (${login.login}, ${tx.office}, ${login.actorKind}, ${login.actorId}, ${login.secretHash})
    on conflict (actor_kind, office_id, actor_id) do update set secret_hash = ${login.secretHash}`.execute(tx.q)
}

/** A dated appointment: a role, and the place it is for; no place means the whole office. Given by the office we are in. */
export const addAppointment = async (
  tx: Tx,
  appointment: {
    staffId: number
    role: Role
    place?: { kind: 'agency' | 'point' | 'unit'; id: number }
    fullTime?: boolean
    from: CivilDate | string
    until?: CivilDate | string
    deputyFor?: number
    by?: number
    resolution?: string
    office?: number
  },
): Promise<number> => {
  const id = await tx.ids.take()
  await sql`
    insert into network.appointment (office_id, id, staff_id, role, place_kind, place_id, full_time, from_on, until_on,
      deputy_for, appointing_office, appointing_kind, appointed_by, resolution)
    select ${appointment.office ?? tx.office}, ${id}, ${appointment.staffId}, ${appointment.role},
           ${appointment.place?.kind ?? null}, ${appointment.place?.id ?? null}, ${appointment.fullTime ?? true},
           ${appointment.from}::date, ${appointment.until ?? null}::date, ${appointment.deputyFor ?? null},
           o.id, o.kind, ${appointment.by ?? 0}, ${appointment.resolution ?? null}
      from network.office o where o.id = ${tx.office}`.execute(tx.q)
  return id
}

/** A secret to be changed at the first sign-in; shown once, to the administrator. */
export const temporarySecret = (): string => randomBytes(9).toString('base64url')

export const loginTaken = async (tx: Tx, login: string): Promise<boolean> => {
  const { rows } = await sql<{ taken: boolean }>`select network.login_taken(${login}) as taken`.execute(tx.q)
  return rows[0]?.taken ?? false
}

/** Somebody new works here; with the temporary password she can do nothing but set her own. */
export const hire = async (ctx: Context, input: AddStaff): Promise<Result<{ staffId: number; password: string }>> => {
  const password = temporarySecret()
  const secretHash = await hashSecret(password)
  return transact(
    told(ctx),
    'network.add-staff',
    async (tx) => {
      if (await loginTaken(tx, input.login)) return refuse({ code: 'staff_exists' })
      const { staffId } = await addStaff(tx, { ...input, secretHash, temporary: true })
      if (input.phone) await addPhone(tx, ctx, { staffId, phone: input.phone })
      return ok({ staffId, password })
    },
    { reason: input.reason },
  )
}

/** A secret is told once: it must not lie among the answers kept for retries. */
export const told = (ctx: Context): Context => {
  const { idempotencyKey: _, ...once } = ctx
  return once
}

const placeInOffice = async (tx: Tx, place: { kind: 'agency' | 'point' | 'unit'; id: number }): Promise<boolean> => {
  const { rows } = await sql<{ found: boolean }>`
    select case ${place.kind}
      when 'unit' then exists (select from network.unit where office_id = ${tx.office} and id = ${place.id})
      when 'agency' then exists (select from network.agency where office_id = ${tx.office} and id = ${place.id})
      else exists (select from network.point where office_id = ${tx.office} and id = ${place.id}) end as found`.execute(
    tx.q,
  )
  return rows[0]?.found ?? false
}
const placeNames = { unit: '一个单位', agency: '一个代办处', point: '一个代办点', office: '整个办事处' } as const

/** Gives a role at a place for a term. Watchers are given from above only, and nobody gives herself anything. */
export const appoint = (
  ctx: Context,
  input: Appoint & { staffId: number },
): Promise<Result<{ appointmentId: number }>> =>
  transact(
    ctx,
    'network.appoint',
    async (tx) => {
      if (isWatcher(input.role)) return refuse({ code: 'watcher_from_above' })
      if (input.staffId === ctx.actor.id) return refuse({ code: 'not_yourself' })
      const { rows } = await sql`
        select from network.staff where office_id = ${tx.office} and id = ${input.staffId}`.execute(tx.q)
      if (rows.length === 0) return refuse({ code: 'staff_not_found' })
      const { zh, heldAt } = rolesAbout[input.role]
      if (!heldAt.includes(input.place?.kind ?? 'office'))
        return refuse({
          code: 'place_wrong_for_role',
          role: zh,
          where: heldAt.map((kind) => placeNames[kind]).join('或'),
        })
      if (input.place && !(await placeInOffice(tx, input.place)))
        return refuse({ code: input.place.kind === 'unit' ? 'unit_not_found' : 'agency_not_found' })
      if (input.until && (input.until <= input.from || input.until <= ctx.today))
        return refuse({ code: 'appointment_days_wrong' })
      if (input.deputyFor) {
        const stood = await appointmentGiven(tx, input.deputyFor)
        if (!stood) return refuse({ code: 'appointment_not_found' })
        if (stood.role !== input.role) return refuse({ code: 'deputy_of_other_role' })
      }
      const appointmentId = await addAppointment(tx, {
        staffId: input.staffId,
        role: input.role,
        fullTime: input.fullTime,
        from: input.from,
        by: ctx.actor.id,
        ...(input.place ? { place: input.place } : {}),
        ...(input.until ? { until: input.until } : {}),
        ...(input.deputyFor ? { deputyFor: input.deputyFor } : {}),
      })
      return ok({ appointmentId })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )

const appointmentGiven = async (tx: Tx, id: number) => {
  const { rows } = await sql<{ staffId: number; role: string; from: string; until: string | null }>`
    select staff_id as "staffId", role, from_on as "from", until_on as "until" from network.appointment
     where appointing_office = ${tx.office} and id = ${id}`.execute(tx.q)
  return rows[0]
}

/** Ends an appointment on a day; what was open under it is in the work list of whoever holds the role next. */
export const endAppointment = (
  ctx: Context,
  input: EndAppointment & { appointmentId: number },
): Promise<Result<{ on: string }>> =>
  transact(
    ctx,
    'network.end-appointment',
    async (tx) => {
      const given = await appointmentGiven(tx, input.appointmentId)
      if (!given) return refuse({ code: 'appointment_not_found' })
      if (given.staffId === ctx.actor.id) return refuse({ code: 'not_yourself' })
      if (given.until !== null && given.until <= ctx.today)
        return refuse({ code: 'appointment_already_ended', on: given.until })
      if (input.on < given.from || input.on < ctx.today) return refuse({ code: 'appointment_days_wrong' })
      await sql`
        update network.appointment set until_on = ${input.on}::date, ended_by = ${ctx.actor.id}
         where appointing_office = ${tx.office} and id = ${input.appointmentId}`.execute(tx.q)
      return ok({ on: input.on })
    },
    { object: `appointment:${input.appointmentId}`, reason: input.reason },
  )

type FromAbove = Result<{ staffId: number; appointmentId: number; password: string }>

/** The head office gives an office somebody who watches it, by a resolution; the office itself cannot. */
export const appointWatcher = (
  ctx: Context,
  { watchedOfficeId, ...input }: AppointWatcher & { watchedOfficeId: number },
): Promise<FromAbove> => appointFromAbove(ctx, 'network.appoint-watcher', watchedOfficeId, input)

/**
 * An office too small for separate hands hands up: the head office lends it one, by a resolution and for a term. The office
 * can neither end the loan nor reset the password, so the hand stays another's.
 */
export const lendHand = (
  ctx: Context,
  { helpedOfficeId, ...input }: LendHand & { helpedOfficeId: number },
): Promise<FromAbove> => appointFromAbove(ctx, 'network.lend-hand', helpedOfficeId, input)

const appointFromAbove = async (
  ctx: Context,
  command: string,
  office: number,
  input: AppointWatcher | LendHand,
): Promise<FromAbove> => {
  const password = temporarySecret()
  const secretHash = await hashSecret(password)
  return transact(
    told(ctx),
    command,
    async (tx) => {
      const { rows } = await sql<{ id: number; kind: string }>`
        select id, kind from network.office where id in (${tx.office}, ${office})`.execute(tx.q)
      if (rows.find((row) => row.id === tx.office)?.kind !== 'head') return refuse({ code: 'head_office_only' })
      if (!rows.some((row) => row.id === office)) return refuse({ code: 'office_not_found' })
      if (office === tx.office && !isWatcher(input.role)) return refuse({ code: 'office_lends_itself' })
      if (input.until && (input.until <= input.from || input.until <= ctx.today))
        return refuse({ code: 'appointment_days_wrong' })
      if (await loginTaken(tx, input.login)) return refuse({ code: 'staff_exists' })
      const { staffId } = await addStaff(tx, { ...input, secretHash, temporary: true, office })
      if (input.phone) await addPhone(tx, ctx, { staffId, phone: input.phone, office })
      const appointmentId = await addAppointment(tx, {
        staffId,
        office,
        role: input.role,
        from: input.from,
        by: ctx.actor.id,
        resolution: input.resolution,
        ...(input.until ? { until: input.until } : {}),
      })
      return ok({ staffId, appointmentId, password })
    },
    { object: `office:${office}`, reason: input.reason },
  )
}

/** Who works here and under which appointments; and those we gave in other offices. */
export const staffOf = async (tx: Tx) => {
  const { rows } = await sql<{
    id: number
    name: string | null
    login: string | null
    appointments: {
      id: number
      office: number
      role: string
      place: { kind: string; id: number } | null
      fullTime: boolean
      from: string
      until: string | null
      deputyFor: number | null
      givenHere: boolean
    }[]
  }>`
    select coalesce(s.id, a.staff_id) as id, s.name, l.login,
           coalesce(json_agg(json_build_object('id', a.id, 'office', a.office_id, 'role', a.role,
             'place', case when a.place_kind is not null then json_build_object('kind', a.place_kind, 'id', a.place_id) end,
             'fullTime', a.full_time, 'from', a.from_on, 'until', a.until_on, 'deputyFor', a.deputy_for,
             'givenHere', a.appointing_office = ${tx.office}) order by a.id) filter (where a.id is not null), '[]') as appointments
      from network.staff s
      full join network.appointment a on a.office_id = s.office_id and a.staff_id = s.id
      left join network.login l on l.office_id = s.office_id and l.actor_kind = 'staff' and l.actor_id = s.id
     where s.office_id = ${tx.office} or a.appointing_office = ${tx.office}
     group by coalesce(s.id, a.staff_id), s.name, l.login order by 1`.execute(tx.q)
  return rows
}

/** Whether he watches this office or was lent to it, or did or was: then it has no say over his sign-in. */
export const isFromAbove = async (tx: Tx, staffId: number): Promise<boolean> => {
  const { rows } = await sql`
    select from network.appointment where office_id = ${tx.office} and staff_id = ${staffId}
       and (appointing_office <> office_id or role in ('supervisory_board', 'local_committee', 'union_audit_committee'))`.execute(
    tx.q,
  )
  return rows.length > 0
}
