import type { SetDutyRule, SetLimit } from '#contract/access.ts'
import type { CivilDate } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'

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

/** The member that the acting worker is, as far as we were told. */
export const personOfActor = async (tx: Tx, ctx: Context): Promise<number | null> => {
  if (ctx.actor.kind !== 'staff') return null
  const { rows } = await sql<{ sealed: Buffer }>`
    select person_sealed as sealed from network.staff_person
     where office_id = ${tx.office} and staff_id = ${ctx.actor.id} order by id desc limit 1`.execute(tx.q)
  return rows[0] ? Number(ctx.services.vault.open('staff.person', rows[0].sealed)) : null
}

/** Whether the office bars its workers from the claims of their own units on this day. */
export const ownUnitBarred = async (tx: Tx, on: CivilDate): Promise<boolean> => {
  const { rows } = await sql<{ barred: boolean }>`
    select own_unit_barred as barred from network.duty_rule
     where office_id = ${tx.office} and from_on <= ${on}::date order by from_on desc limit 1`.execute(tx.q)
  return rows[0]?.barred ?? false
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

/**
 * The most the acting worker may decide for a part of a plan today; null: no limit was set. What was set for her own
 * appointment goes before what was set for the role, and what was set for the part before what was set for all.
 */
export const limitFor = async (tx: Tx, ctx: Context, of: { plan: string; part: string }): Promise<number | null> => {
  const { rows } = await sql<{ mostFen: number }>`
    select l.most_fen as "mostFen" from network.authority_limit l
      left join network.appointment a on a.office_id = l.office_id and a.id = l.appointment_id
     where l.office_id = ${tx.office} and l.from_on <= ${ctx.today}::date and (l.until_on is null or ${ctx.today}::date < l.until_on)
       and (l.role = ${ctx.actor.role} or (a.staff_id = ${ctx.actor.id} and a.role = ${ctx.actor.role}))
       and (l.plan is null or l.plan = ${of.plan}) and (l.part is null or l.part = ${of.part})
     order by l.appointment_id is null, l.part is null, l.plan is null, l.from_on desc, l.most_fen limit 1`.execute(
    tx.q,
  )
  return rows[0]?.mostFen ?? null
}
