import type { ConfirmEmployment } from '#contract/claims.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { dutiesUnder } from '#modules/network/index.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { maskName } from '#platform/vault/index.ts'
import { barredFrom, keepsOff } from './own-claims.ts'

/** All that a unit sees of a claim which a member filed herself. */
export interface ToConfirm {
  readonly eventId: number
  readonly eventNumber: string
  readonly name: string
  readonly memberNumber: string
  readonly filedOn: string
}

/** Claims that members covered through the officer's unit filed themselves, that are still open and not yet answered for. */
export const employmentToConfirm = async (tx: Tx, ctx: Context): Promise<ToConfirm[]> => {
  const { rows } = await sql<Omit<ToConfirm, 'name'> & { nameSealed: Buffer }>`
    select e.event_id as "eventId", e.event_number as "eventNumber", m.name_sealed as "nameSealed",
           p.member_number as "memberNumber", e.filed_on as "filedOn"
      from (select i.event_office_id, i.event_id, i.event_number, i.person_id, i.unit_id, min(i.facts->'dates'->>'application') as filed_on
              from claims.item i
             where i.office_id = ${tx.office} and i.unit_id = ${unitOf(ctx)} and i.filed_by_kind = 'member'
               and not exists (select from claims.item_end x where x.office_id = i.office_id and x.item_id = i.id)
             group by 1, 2, 3, 4, 5) e
      join membership.member m on m.office_id = ${tx.office} and m.person_id = e.person_id
      join membership.person p on p.id = e.person_id
     where not exists (
       select from claims.employment_answer a where a.office_id = ${tx.office} and a.event_office_id = e.event_office_id
          and a.event_id = e.event_id and a.unit_id = e.unit_id)
     order by e.filed_on, e.event_id limit 500`.execute(tx.q)
  const { vault } = ctx.services
  return rows.map(({ nameSealed, ...row }) => ({ ...row, name: maskName(vault.open('member.name', nameSealed)) }))
}

/**
 * The unit says whether the member is one of its people and works there still: once, or to correct the answer it names. What
 * it says blocks nothing by itself; who decides sees it.
 */
export const confirmEmployment = (
  ctx: Context,
  input: ConfirmEmployment & { eventId: number },
): Promise<Result<{ answer: number }>> =>
  transact(
    ctx,
    'claims.confirm-employment',
    async (tx) => {
      const unclear = notUnderstood(input, ctx.today)
      if (unclear) return refuse(unclear)
      const asked = await askedOfUnit(tx, ctx, input.eventId)
      if (!asked) return refuse({ code: 'claim_not_found' })
      if (asked.filedByKind !== 'member' || !asked.open) return refuse({ code: 'employment_not_asked' })
      // That she is of his own unit is why he is asked: only his own claim and his kin's are kept from him.
      const duties = await dutiesUnder(tx, ctx, asked.plan)
      const barred = barredFrom(await keepsOff(tx, { ...duties, ownUnitBarred: false }), asked)
      if (barred) return refuse(barred)
      const answer = (asked.answered ?? 0) + 1
      const inTurn = asked.answered === null || asked.answered === input.corrects
      const added = inTurn && (await addAnswer(tx, ctx, asked, answer, input))
      return added ? ok({ answer }) : refuse(await answeredBefore(tx, ctx, asked))
    },
    { object: `event:${input.eventId}`, ...(input.reason ? { reason: input.reason } : {}) },
  )

/** What is not a whole answer. Null: it is one. */
const notUnderstood = (input: ConfirmEmployment, today: string): Refused | null => {
  const { ours, employment, leftOn } = input
  if (ours !== (employment !== undefined) || (employment === 'left') !== (leftOn !== undefined))
    return { code: 'employment_incomplete' }
  if (leftOn && leftOn > today) return { code: 'day_not_come', on: leftOn }
  const plainYes = employment === 'employed' && !input.corrects
  return plainYes || (input.reason?.length ?? 0) >= 4 ? null : { code: 'employment_reason_needed' }
}

interface Asked {
  readonly eventOfficeId: number
  readonly eventId: number
  readonly itemId: number
  readonly personId: number
  readonly unitId: number
  readonly plan: string
  readonly filedByKind: string
  readonly filedBy: number
  readonly open: boolean
  readonly answered: number | null
}

/** An event with an item under a cover through the officer's unit, wherever it was told. */
const askedOfUnit = async (tx: Tx, ctx: Context, eventId: number): Promise<Asked | undefined> => {
  const { rows } = await sql<Asked>`
    select i.event_office_id as "eventOfficeId", i.event_id as "eventId", i.id as "itemId", i.person_id as "personId", i.unit_id as "unitId",
           i.plan, i.filed_by_kind as "filedByKind", i.filed_by as "filedBy",
           not exists (select from claims.item_end x where x.office_id = i.office_id and x.item_id = i.id) as open,
           (select max(a.sequence) from claims.employment_answer a where a.office_id = i.office_id
               and a.event_office_id = i.event_office_id and a.event_id = i.event_id and a.unit_id = i.unit_id) as answered
      from claims.item i
     where i.office_id = ${tx.office} and i.unit_id = ${unitOf(ctx)} and i.event_id = ${eventId}
     order by open desc, i.id limit 1`.execute(tx.q)
  return rows[0]
}

/** Of two at once one is kept: the key decides. */
const addAnswer = async (tx: Tx, ctx: Context, asked: Asked, answer: number, said: ConfirmEmployment) => {
  const { numAffectedRows } = await sql`
    insert into claims.employment_answer (office_id, event_office_id, event_id, unit_id, sequence, item_id, filed_by_kind, filed_by,
      ours, employment, left_on, reason, confirmed_by, confirmed_on, confirmed_at)
    values (${tx.office}, ${asked.eventOfficeId}, ${asked.eventId}, ${asked.unitId}, ${answer}, ${asked.itemId}, ${asked.filedByKind},
      ${asked.filedBy}, ${said.ours}, ${said.employment ?? null}, ${said.leftOn ?? null}::date, ${said.reason || null}, ${ctx.actor.id},
      ${ctx.today}::date, ${ctx.at})
    on conflict do nothing`.execute(tx.q)
  return numAffectedRows === 1n
}

const answeredBefore = async (tx: Tx, ctx: Context, asked: Asked): Promise<Refused> => {
  const { rows } = await sql<{ on: string; answer: number }>`
    select confirmed_on as "on", sequence as answer from claims.employment_answer
     where office_id = ${tx.office} and event_office_id = ${asked.eventOfficeId} and event_id = ${asked.eventId} and unit_id = ${unitOf(ctx)}
     order by sequence desc limit 1`.execute(tx.q)
  return { code: 'employment_already_answered', ...rows[0] }
}

/** The unit one is appointed at; none for who is appointed elsewhere. */
const unitOf = (ctx: Context): number => (ctx.actor.place?.kind === 'unit' ? ctx.actor.place.id : 0)
