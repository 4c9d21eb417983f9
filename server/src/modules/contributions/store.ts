import type { Page } from '#contract/network.ts'
import type { CivilDate } from '#kernel/days.ts'
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

/** Payment notices within reach, what they ask for and what has come, newest first, a page at a time. */
export const noticesInReach = async (tx: Tx, ctx: Context, page: Page): Promise<NoticeRow[]> => {
  const place = ctx.actor.place
  const { rows } = await sql<NoticeRow>`
    select n.id, n.number, n.roster_id as "rosterId", u.name as unit, e.title, n.due_fen - f.freed as "dueFen",
           n.issued_on as "issuedOn", n.pay_by as "payBy",
           coalesce((select sum(a.amount_fen) from contributions.allocation a where a.office_id = n.office_id and a.notice_id = n.id), 0)::bigint - f.freed as "paidFen"
      from contributions.payment_notice n
      join network.unit u on u.office_id = n.office_id and u.id = n.unit_id
      join plans.edition e on e.id = n.edition_id
      cross join lateral (select coalesce(sum(amount_fen), 0)::bigint as freed from contributions.freed
                           where office_id = n.office_id and notice_id = n.id) f
     where n.office_id = ${tx.office} and (${page.after ?? null}::bigint is null or n.id < ${page.after ?? null})
       and (${place?.kind ?? null}::text is null
         or (${place?.kind ?? ''} = 'unit' and u.id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'agency' and u.agency_id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'point' and u.point_id = ${place?.id ?? 0}))
     order by n.id desc limit ${page.limit}`.execute(tx.q)
  return rows
}

/**
 * A notice, locked, with what is still to come. The lock is a statement of its own: what was allocated while we waited for
 * it must be counted, and one statement sees only what was there when it began.
 */
export const lockedNotice = async (tx: Tx, noticeId: number) => {
  await sql`select from contributions.payment_notice where office_id = ${tx.office} and id = ${noticeId} for no key update`.execute(
    tx.q,
  )
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
      from contributions.payment_notice n where n.office_id = ${tx.office} and n.id = ${noticeId}`.execute(tx.q)
  return rows[0]
}

/** A receipt, locked in the same way, with what is not allocated yet. */
export const lockedReceipt = async (tx: Tx, receiptId: number) => {
  await sql`select from contributions.receipt where office_id = ${tx.office} and id = ${receiptId} for no key update`.execute(
    tx.q,
  )
  const { rows } = await sql<{ id: number; receivedOn: string; amountFen: number; allocatedFen: number }>`
    select r.id, r.received_on as "receivedOn", r.amount_fen as "amountFen",
           coalesce((select sum(a.amount_fen) from contributions.allocation a where a.office_id = r.office_id and a.receipt_id = r.id), 0)::bigint
           - coalesce((select sum(f.amount_fen) from contributions.freed f where f.office_id = r.office_id and f.receipt_id = r.id), 0)::bigint as "allocatedFen"
      from contributions.receipt r where r.office_id = ${tx.office} and r.id = ${receiptId}`.execute(tx.q)
  return rows[0]
}

/** Whether this very sum of a receipt has gone to this notice before. Asked while both are locked. */
export const allocatedBefore = async (
  tx: Tx,
  of: { receiptId: number; noticeId: number; amountFen: number },
): Promise<boolean> => {
  const { rows } = await sql`
    select 1 from contributions.allocation where office_id = ${tx.office} and receipt_id = ${of.receiptId}
       and notice_id = ${of.noticeId} and amount_fen = ${of.amountFen} limit 1`.execute(tx.q)
  return rows.length > 0
}

/** The notices of these numbers, oldest first: whoever locks several locks them in one order. */
export const noticesNumbered = async (tx: Tx, numbers: readonly string[]): Promise<number[]> => {
  if (numbers.length === 0) return []
  const { rows } = await sql<{ id: number }>`
    select id from contributions.payment_notice where office_id = ${tx.office} and number = any (${numbers}::text[]) order by id`.execute(
    tx.q,
  )
  return rows.map((row) => row.id)
}

export interface ReceiptRow {
  readonly id: number
  readonly receivedOn: string
  readonly payer: string
  readonly note: string
  readonly amountFen: number
  readonly unallocatedFen: number
}

/** Receipts with money that no notice has got yet, or all of them, newest first, a page at a time. */
export const receiptsOf = async (tx: Tx, unallocatedOnly: boolean, page: Page): Promise<ReceiptRow[]> => {
  const { rows } = await sql<ReceiptRow>`
    select * from (
      select r.id, r.received_on as "receivedOn", r.payer_name as payer, r.note, r.amount_fen as "amountFen",
             r.amount_fen - coalesce((select sum(a.amount_fen) from contributions.allocation a
                                       where a.office_id = r.office_id and a.receipt_id = r.id), 0)::bigint
             + coalesce((select sum(f.amount_fen) from contributions.freed f
                          where f.office_id = r.office_id and f.receipt_id = r.id), 0)::bigint as "unallocatedFen"
        from contributions.receipt r where r.office_id = ${tx.office} and (${page.after ?? null}::bigint is null or r.id < ${page.after ?? null})) as each
     where not ${unallocatedOnly} or "unallocatedFen" > 0 order by id desc limit ${page.limit}`.execute(tx.q)
  return rows
}

/**
 * Takes money off a notice that did not need it after all, from the money that came last; it is free again in its
 * receipts, where everybody who sees receipts sees it.
 */
export const freeMoney = async (tx: Tx, noticeId: number, amountFen: number, on: string): Promise<void> => {
  await sql`
    insert into contributions.freed (office_id, allocation_id, receipt_id, notice_id, amount_fen, freed_on)
    select ${tx.office}, id, receipt_id, ${noticeId}, least(amount_fen, ${amountFen}::bigint - later), ${on}::date
      from (select id, receipt_id, amount_fen, coalesce(sum(amount_fen) over (order by id desc rows between unbounded preceding and 1 preceding), 0) as later
              from contributions.allocation where office_id = ${tx.office} and notice_id = ${noticeId}) as each
     where later < ${amountFen}::bigint`.execute(tx.q)
}

/** Bank lines that are known already under their reference, with what was read then. */
export const knownLines = async (
  tx: Tx,
  account: string,
  references: readonly string[],
): Promise<ReadonlyMap<string, { amountFen: number; on: CivilDate; payer: string }>> => {
  const { rows } = await sql<{ reference: string; amountFen: number; on: CivilDate; payer: string }>`
    select bank_reference as reference, amount_fen as "amountFen", received_on as "on", payer_name as payer from contributions.receipt
     where office_id = ${tx.office} and account = ${account} and bank_reference = any (${references}::text[])`.execute(
    tx.q,
  )
  return new Map(rows.map((row) => [row.reference, row]))
}
