import { type Context, sql, type Tx } from '#platform/database/index.ts'

export interface NoticeRow {
  readonly id: number
  readonly number: string
  readonly rosterId: number
  readonly unit: string
  readonly title: string
  readonly dueFen: number
  readonly paidFen: number
  readonly issuedOn: string
  readonly payBy: string
}

/** Payment notices within reach, what they ask for and what has come, newest first. */
export const noticesInReach = async (tx: Tx, ctx: Context): Promise<NoticeRow[]> => {
  const place = ctx.actor.place
  const { rows } = await sql<NoticeRow>`
    select n.id, n.number, n.roster_id as "rosterId", u.name as unit, e.title, n.due_fen as "dueFen", n.issued_on as "issuedOn",
           n.pay_by as "payBy",
           coalesce((select sum(a.amount_fen) from contributions.allocation a where a.office_id = n.office_id and a.notice_id = n.id), 0)::bigint as "paidFen"
      from contributions.payment_notice n
      join network.unit u on u.office_id = n.office_id and u.id = n.unit_id
      join plans.edition e on e.id = n.edition_id
     where n.office_id = ${tx.office}
       and (${place?.kind ?? null}::text is null
         or (${place?.kind ?? ''} = 'unit' and u.id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'agency' and u.agency_id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'point' and u.point_id = ${place?.id ?? 0}))
     order by n.id desc limit 500`.execute(tx.q)
  return rows
}

/** A notice, locked, with what is still to come. */
export const lockedNotice = async (tx: Tx, noticeId: number) => {
  const { rows } = await sql<{
    id: number
    number: string
    rosterId: number
    dueFen: number
    paidFen: number
    lastReceivedOn: string | null
  }>`
    select n.id, n.number, n.roster_id as "rosterId", n.due_fen as "dueFen",
           coalesce((select sum(a.amount_fen) from contributions.allocation a where a.office_id = n.office_id and a.notice_id = n.id), 0)::bigint as "paidFen",
           (select max(r.received_on) from contributions.allocation a join contributions.receipt r on r.office_id = a.office_id and r.id = a.receipt_id
             where a.office_id = n.office_id and a.notice_id = n.id) as "lastReceivedOn"
      from contributions.payment_notice n where n.office_id = ${tx.office} and n.id = ${noticeId} for no key update of n`.execute(
    tx.q,
  )
  return rows[0]
}

/** A receipt, locked, with what is not allocated yet. */
export const lockedReceipt = async (tx: Tx, receiptId: number) => {
  const { rows } = await sql<{ id: number; receivedOn: string; amountFen: number; allocatedFen: number }>`
    select r.id, r.received_on as "receivedOn", r.amount_fen as "amountFen",
           coalesce((select sum(a.amount_fen) from contributions.allocation a where a.office_id = r.office_id and a.receipt_id = r.id), 0)::bigint as "allocatedFen"
      from contributions.receipt r where r.office_id = ${tx.office} and r.id = ${receiptId} for no key update of r`.execute(
    tx.q,
  )
  return rows[0]
}

export const noticeByNumber = async (tx: Tx, number: string): Promise<{ id: number } | undefined> => {
  const { rows } = await sql<{ id: number }>`
    select id from contributions.payment_notice where office_id = ${tx.office} and number = ${number}`.execute(tx.q)
  return rows[0]
}

export interface ReceiptRow {
  readonly id: number
  readonly receivedOn: string
  readonly payer: string
  readonly note: string
  readonly amountFen: number
  readonly unallocatedFen: number
}

/** Receipts with money that no notice has got yet, or all of them. */
export const receiptsOf = async (tx: Tx, unallocatedOnly: boolean): Promise<ReceiptRow[]> => {
  const { rows } = await sql<ReceiptRow>`
    select * from (
      select r.id, r.received_on as "receivedOn", r.payer_name as payer, r.note, r.amount_fen as "amountFen",
             r.amount_fen - coalesce((select sum(a.amount_fen) from contributions.allocation a
                                       where a.office_id = r.office_id and a.receipt_id = r.id), 0)::bigint as "unallocatedFen"
        from contributions.receipt r where r.office_id = ${tx.office}) as each
     where not ${unallocatedOnly} or "unallocatedFen" > 0 order by id desc limit 500`.execute(tx.q)
  return rows
}
