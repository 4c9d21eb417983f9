import type { CivilDate } from '#kernel/days.ts'
import { type Context, sql, type Tx } from '#platform/database/index.ts'

export interface Publishable {
  readonly dueId: number
  readonly personId: number
  readonly unitId: number
  readonly unit: string
  readonly editionId: number
  readonly amountFen: number
  readonly nameInNotice: boolean
  readonly nameSealed: Buffer
  /** persons of the unit whom this plan covers on the item's key day: among few a masked name tells who it is */
  readonly coveredOfUnit: number
  readonly before: boolean
  /** the batch that paid; null on a list before payment */
  readonly batchId: number | null
}

/** What is to be published and is on no list yet: decided items whose notice comes before payment, and paid ones. */
export const publishable = async (tx: Tx): Promise<Publishable[]> => {
  const { rows } = await sql<Publishable>`
    select d.id as "dueId", d.person_id as "personId", d.unit_id as "unitId", u.name as unit, i.edition_id as "editionId",
           d.amount_fen as "amountFen", d.name_in_notice as "nameInNotice", m.name_sealed as "nameSealed", d.notice = 'before' as before,
           case when d.notice = 'after' then paid.batch_id end as "batchId",
           (select count(distinct c.person_id) from enrolment.cover c where c.office_id = d.office_id and c.unit_id = d.unit_id
               and c.plan = d.plan and c.from_on <= i.key_on and i.key_on < c.until_on) as "coveredOfUnit"
      from payments.due d
      join claims.item i on i.office_id = d.office_id and i.id = d.item_id
      join network.unit u on u.office_id = d.office_id and u.id = d.unit_id
      join membership.member m on m.office_id = d.office_id and m.person_id = d.person_id
      left join (select a.office_id, a.due_id, a.batch_id from payments.outcome o join payments.attempt a using (office_id, due_id, attempt)
                  where o.outcome = 'paid') paid on paid.office_id = d.office_id and paid.due_id = d.id
     where d.office_id = ${tx.office}
       and not exists (select from disclosure.row r where r.office_id = d.office_id and r.due_id = d.id)
       and (d.notice = 'before' or paid.batch_id is not null)
     order by d.unit_id, d.id`.execute(tx.q)
  return rows
}

/** How many lists the office has numbered this year; called where publishers stand in line. */
export const listsOfYear = async (tx: Tx, today: CivilDate): Promise<number> => {
  const { rows } = await sql<{ made: number }>`
    select count(*) as made from disclosure.list where office_id = ${tx.office} and number like ${`公示${today.slice(0, 4)}-%`}`.execute(
    tx.q,
  )
  return rows[0]?.made ?? 0
}

/** Seals a list just made and its rows' fingerprints: what was published cannot be rewritten unseen. */
export const sealList = async (tx: Tx, listId: number): Promise<void> => {
  await sql`
    insert into evidence.unsealed (office_id, source, id, part, leaf)
    select l.office_id, 'list', l.id, 0, evidence.leaf_hash(disclosure.list_line(l))
      from disclosure.list l where l.office_id = ${tx.office} and l.id = ${listId}
    union all
    select r.office_id, 'list-row', r.list_id, r.line, evidence.leaf_hash(disclosure.row_line(r))
      from disclosure.row r where r.office_id = ${tx.office} and r.list_id = ${listId}`.execute(tx.q)
}

export interface ListHead {
  readonly id: number
  readonly number: string
  readonly unitId: number
  readonly unit: string
  readonly beforePayment: boolean
  readonly opensOn: string
  readonly until: string
  readonly rows: number
  readonly totalFen: number
}
export interface ListRow {
  readonly line: number
  readonly maskedName: string | null
  readonly amountFen: number
  readonly fingerprint: string
}

/** Lists that are up today, for an officer's reach or for the units a member belongs to. */
export const listsUp = async (tx: Tx, ctx: Context, listId?: number): Promise<ListHead[]> => {
  const place = ctx.actor.place
  const { rows } = await sql<ListHead>`
    select l.id, l.number, l.unit_id as "unitId", u.name as unit, l.before_payment as "beforePayment", l.opens_on as "opensOn",
           l.until_on as "until", l.rows, l.total_fen as "totalFen"
      from disclosure.list l join network.unit u on u.office_id = l.office_id and u.id = l.unit_id
     where l.office_id = ${tx.office} and l.opens_on <= ${ctx.today}::date and ${ctx.today}::date < l.until_on
       and (${listId ?? null}::bigint is null or l.id = ${listId ?? null})
       and (${ctx.actor.kind} <> 'member' or exists (
         select from membership.belonging b where b.office_id = l.office_id and b.unit_id = l.unit_id and b.person_id = ${ctx.actor.id}))
       and (${place?.kind ?? null}::text is null
         or (${place?.kind ?? ''} = 'unit' and u.id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'agency' and u.agency_id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'point' and u.point_id = ${place?.id ?? 0}))
     order by l.id desc limit 200`.execute(tx.q)
  return rows
}

export const listRows = async (tx: Tx, listId: number): Promise<ListRow[]> => {
  const { rows } = await sql<ListRow>`
    select line, masked_name as "maskedName", amount_fen as "amountFen", encode(fingerprint, 'hex') as fingerprint
      from disclosure.row where office_id = ${tx.office} and list_id = ${listId} order by line`.execute(tx.q)
  return rows
}

export const disclosureQuestions: readonly { name: string; zh: string; sql: string }[] = [
  {
    name: 'notices-complete',
    zh: '付出的每一笔都公示过；先公示后付的，公示期满才付',
    sql: `select o.office_id, o.due_id from payments.outcome o join payments.due d on d.office_id = o.office_id and d.id = o.due_id
           where o.outcome = 'paid' and d.notice = 'before' and not exists (
             select from disclosure.row r join disclosure.list l on l.office_id = r.office_id and l.id = r.list_id
              where r.office_id = d.office_id and r.due_id = d.id and l.until_on <= o.booked_on)
          union all
          select o.office_id, o.due_id from payments.outcome o join payments.due d on d.office_id = o.office_id and d.id = o.due_id
           where o.outcome = 'paid' and d.notice = 'after' and o.booked_on < current_setting('app.today')::date - 31 and not exists (
             select from disclosure.row r where r.office_id = d.office_id and r.due_id = d.id)`,
  },
  {
    name: 'lists-add-up',
    zh: '每份公示的行数和金额与明细一致',
    sql: `select l.office_id, l.id from disclosure.list l
            cross join lateral (select count(*) as rows, coalesce(sum(r.amount_fen), 0) as total from disclosure.row r where r.office_id = l.office_id and r.list_id = l.id) t
           where l.rows <> t.rows or l.total_fen <> t.total`,
  },
]
