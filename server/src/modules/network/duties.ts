import type { DeclareKin, SetDutyRule, SetLimit } from '#contract/access.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { planStop } from './stops.ts'

/** Says which member a worker is, from today on: nobody decides her own claim. Kept sealed, for it is personal. */
export const linkPerson = async (
  tx: Tx,
  ctx: Context,
  link: { staffId: number; personId: number; reason: string },
): Promise<boolean> => {
  const sealed = ctx.services.vault.seal('staff.person', String(link.personId))
  const { numAffectedRows } = await sql`
    insert into network.staff_person (office_id, staff_id, id, from_on, person_sealed, reason, linked_by)
    select ${tx.office}, s.id, ${await tx.ids.take()}, ${ctx.today}::date, ${sealed}, ${link.reason}, ${ctx.actor.id}
      from network.staff s where s.office_id = ${tx.office} and s.id = ${link.staffId}`.execute(tx.q)
  return numAffectedRows === 1n
}

/** Says that a member is kin of a worker, from today on: she keeps off that member's claims too. Kept sealed. */
export const addKin = async (
  tx: Tx,
  ctx: Context,
  kin: { staffId: number; personId: number } & Pick<DeclareKin, 'relation' | 'reason'>,
): Promise<number | undefined> => {
  const id = await tx.ids.take()
  const sealed = ctx.services.vault.seal('staff.person', String(kin.personId))
  const { numAffectedRows } = await sql`
    insert into network.staff_kin (office_id, id, staff_id, relation, from_on, person_sealed, reason, declared_by)
    select ${tx.office}, ${id}, s.id, ${kin.relation}, ${ctx.today}::date, ${sealed}, ${kin.reason}, ${ctx.actor.id}
      from network.staff s where s.office_id = ${tx.office} and s.id = ${kin.staffId}`.execute(tx.q)
  return numAffectedRows === 1n ? id : undefined
}

/** Declared by mistake, or kin no longer: it binds until the day before. Nobody ends her own. */
export const endKin = (ctx: Context, input: { kinId: number; reason: string }): Promise<Result<{ on: string }>> =>
  transact(
    ctx,
    'network.end-kin',
    async (tx) => {
      const { rows } = await sql<{ staffId: number; until: string | null }>`
        select staff_id as "staffId", until_on as "until" from network.staff_kin
         where office_id = ${tx.office} and id = ${input.kinId} for update`.execute(tx.q)
      if (!rows[0]) return refuse({ code: 'kin_not_found' })
      if (rows[0].until) return refuse({ code: 'kin_already_ended', on: rows[0].until })
      if (rows[0].staffId === ctx.actor.id) return refuse({ code: 'not_yourself' })
      await sql`
        update network.staff_kin set until_on = ${ctx.today}::date, ended_by = ${ctx.actor.id}
         where office_id = ${tx.office} and id = ${input.kinId}`.execute(tx.q)
      return ok({ on: ctx.today })
    },
    { object: `kin:${input.kinId}`, reason: input.reason },
  )

export interface Kin {
  readonly id: number
  readonly relation: string
  readonly from: string
  readonly until: string | null
}
/** What was declared of a worker's kin: how they are related and since when; who they are stays sealed. Undefined: no such worker. */
export const kinOf = async (tx: Tx, staffId: number): Promise<Kin[] | undefined> => {
  const { rows } = await sql<{ kin: Kin[] }>`
    select coalesce((select json_agg(json_build_object('id', k.id, 'relation', k.relation, 'from', k.from_on, 'until', k.until_on) order by k.id)
                       from network.staff_kin k where k.office_id = s.office_id and k.staff_id = s.id), '[]') as kin
      from network.staff s where s.office_id = ${tx.office} and s.id = ${staffId}`.execute(tx.q)
  return rows[0]?.kin
}

/** The office says from which day its workers keep off their own units' claims; by a resolution, dated, never changed. */
export const setDutyRule = (ctx: Context, input: SetDutyRule): Promise<Result<{ from: string }>> =>
  transact(
    ctx,
    'network.set-duty-rule',
    async (tx) => {
      const added = await sql`
        insert into network.duty_rule (office_id, from_on, own_unit_barred, resolution, set_by)
        values (${tx.office}, ${input.from}::date, ${input.ownUnitBarred}, ${input.resolution}, ${ctx.actor.id})
        on conflict do nothing`.execute(tx.q)
      return added.numAffectedRows === 0n ? refuse({ code: 'appointment_days_wrong' }) : ok({ from: input.from })
    },
    { reason: input.resolution },
  )

export interface Limit {
  readonly id: number
  readonly role: string | null
  readonly appointmentId: number | null
  readonly plan: string | null
  readonly part: string | null
  readonly mostFen: number
  readonly from: string
  readonly until: string | null
  readonly resolution: string
}
const limitColumns = sql`l.id, l.role, l.appointment_id as "appointmentId", l.plan, l.part, l.most_fen as "mostFen", l.from_on as "from",
  l.until_on as "until", l.resolution`

/** Up to which amount a role, or one appointment, decides: a dated row by a resolution. */
export const setLimit = (ctx: Context, input: SetLimit): Promise<Result<{ limitId: number }>> =>
  transact(
    ctx,
    'network.set-limit',
    async (tx) => {
      if (Boolean(input.role) === Boolean(input.appointmentId) || (input.part && !input.plan))
        return refuse({ code: 'limit_of_nobody' })
      if (input.until && input.until <= input.from) return refuse({ code: 'appointment_days_wrong' })
      if (input.appointmentId) {
        const { rows } = await sql`
          select from network.appointment where office_id = ${tx.office} and id = ${input.appointmentId}`.execute(tx.q)
        if (rows.length === 0) return refuse({ code: 'appointment_not_found' })
      }
      const limitId = await tx.ids.take()
      await sql`
        insert into network.authority_limit (office_id, id, role, appointment_id, plan, part, most_fen, from_on, until_on, resolution, set_by)
        values (${tx.office}, ${limitId}, ${input.role ?? null}, ${input.appointmentId ?? null}, ${input.plan ?? null}, ${input.part ?? null},
          ${input.mostFen}, ${input.from}::date, ${input.until ?? null}::date, ${input.resolution}, ${ctx.actor.id})`.execute(
        tx.q,
      )
      return ok({ limitId })
    },
    { reason: input.resolution },
  )

export const limitsOf = async (tx: Tx): Promise<Limit[]> => {
  const { rows } = await sql<Limit>`
    select ${limitColumns} from network.authority_limit l where l.office_id = ${tx.office} order by l.id`.execute(tx.q)
  return rows
}

/** What binds the acting worker today when she decides under a plan. */
export interface Duties {
  /** the member that she is, as far as we were told */
  readonly herself: number | null
  /** the members who are kin of hers, as far as declared */
  readonly kin: readonly number[]
  readonly ownUnitBarred: boolean
  /** the reason of a stop of the plan that is in force, ours or the head office's */
  readonly stoppedBecause: string | null
  /**
   * The most she may decide for a part; null: no limit was set. What was set for her own appointment goes before what was
   * set for the role, and what was set for the part before what was set for all.
   */
  limitFor(part: string): number | null
}

/** All of it in one question, for a decision asks few. */
export const dutiesUnder = async (tx: Tx, ctx: Context, plan: string): Promise<Duties> => {
  const { rows } = await sql<{
    sealed: Buffer | null
    kin: readonly Buffer[] | null
    ownUnitBarred: boolean
    stoppedBecause: string | null
    limits: readonly { part: string | null; mostFen: number }[]
  }>`
    select (select person_sealed from network.staff_person
             where office_id = ${tx.office} and staff_id = ${ctx.actor.id} order by id desc limit 1) as sealed,
           (select array_agg(person_sealed) from network.staff_kin where office_id = ${tx.office} and staff_id = ${ctx.actor.id}
             and from_on <= ${ctx.today}::date and (until_on is null or ${ctx.today}::date < until_on)) as kin,
           coalesce((select own_unit_barred from network.duty_rule
             where office_id = ${tx.office} and from_on <= ${ctx.today}::date order by from_on desc limit 1), false) as "ownUnitBarred",
           ${planStop(tx, plan)} as "stoppedBecause",
           coalesce((select json_agg(json_build_object('part', l.part, 'mostFen', l.most_fen)
                order by l.appointment_id is null, l.part is null, l.plan is null, l.from_on desc, l.most_fen)
              from network.authority_limit l
              left join network.appointment a on a.office_id = l.office_id and a.id = l.appointment_id
             where l.office_id = ${tx.office} and l.from_on <= ${ctx.today}::date and (l.until_on is null or ${ctx.today}::date < l.until_on)
               and (l.role = ${ctx.actor.role} or (a.staff_id = ${ctx.actor.id} and a.role = ${ctx.actor.role}))
               and (l.plan is null or l.plan = ${plan})), '[]') as limits`.execute(tx.q)
  const { sealed = null, kin = null, ownUnitBarred = false, stoppedBecause = null, limits = [] } = rows[0] ?? {}
  const personOf = (link: Buffer): number => Number(ctx.services.vault.open('staff.person', link))
  const isStaff = ctx.actor.kind === 'staff'
  return {
    herself: sealed && isStaff ? personOf(sealed) : null,
    kin: kin && isStaff ? kin.map(personOf) : [],
    ownUnitBarred,
    stoppedBecause,
    limitFor: (part) => limits.find((each) => each.part === null || each.part === part)?.mostFen ?? null,
  }
}
