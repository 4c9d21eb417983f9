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
  /** persons of the unit under any plan: a name in a small unit tells who it is */
  readonly membersOfUnit: number
  readonly before: boolean
}

/** What is to be published and is on no list yet: decided items whose notice comes before payment, and paid ones. */
export const publishable = async (tx: Tx): Promise<Publishable[]> => {
  const { rows } = await sql<Publishable>`
    select d.id as "dueId", d.person_id as "personId", d.unit_id as "unitId", u.name as unit, i.edition_id as "editionId",
           d.amount_fen as "amountFen", d.name_in_notice as "nameInNotice", m.name_sealed as "nameSealed", d.notice = 'before' as before,
           (select count(*) from membership.belonging b where b.office_id = d.office_id and b.unit_id = d.unit_id) as "membersOfUnit"
      from payments.due d
      join claims.item i on i.office_id = d.office_id and i.id = d.item_id
      join network.unit u on u.office_id = d.office_id and u.id = d.unit_id
      join membership.member m on m.office_id = d.office_id and m.person_id = d.person_id
     where d.office_id = ${tx.office}
       and not exists (select from disclosure.row r where r.office_id = d.office_id and r.due_id = d.id)
       and (d.notice = 'before' or exists (select from payments.outcome o where o.office_id = d.office_id and o.due_id = d.id and o.outcome = 'paid'))
     order by d.unit_id, d.id`.execute(tx.q)
  return rows
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
