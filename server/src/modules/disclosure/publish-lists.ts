import { createHash, createHmac } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { addDays, type CivilDate } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { afterWorkdays, holidayYears } from '#kernel/workdays.ts'
import { type Edition, editionById, numberOn } from '#modules/plans/index.ts'
import { type Context, sql, transact } from '#platform/database/index.ts'
import { maskName } from '#platform/vault/index.ts'
import { listsOfYear, type Publishable, publishable, sealList } from './store.ts'

/** Under a plan that covers fewer persons of the unit than this, even a masked name would be obvious. Set by us, to be checked. */
const fewestCovered = 10
/** Days of a notice where an edition says none; natural days. Set by us, to be checked. */
const daysUnsaid = 5

/** Surnames of two characters: masked to three signs or by their first one alone, they still name one person. */
const doubleSurnames =
  /^(欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|南宫|长孙|宇文|轩辕|独孤|拓跋|呼延)/

/**
 * The name of a row: masked, with her consent, and where it cannot be guessed; otherwise none. A name of one character, a
 * double surname, a long name or one not written in Chinese characters stands out in its own unit. Pure.
 */
export const nameShown = (consents: boolean, fewCovered: boolean, name: string): string | null => {
  const said = name.trim()
  if (!consents || fewCovered || !/^\p{Script=Han}{2,3}$/u.test(said) || doubleSurnames.test(said)) return null
  return maskName(said)
}

/**
 * Whether a list may show names at all. It is the whole list that goes without, not the rows of the small plan: else the
 * rows without a name would tell whose plan is small, and so the women's plan. Pure.
 */
export const tooFewFor = (rows: readonly { readonly coveredOfUnit: number }[]): boolean =>
  rows.some((row) => row.coveredOfUnit < fewestCovered)

/** What a row's fingerprint is taken of; the salt comes from the member's key, so that it dies with the key. */
export const fingerprint = (
  memberKey: Buffer,
  row: { number: string; line: number; name: string | null; unit: string; amountFen: number },
): Buffer => {
  const salt = createHmac('sha256', memberKey).update(`notice ${row.number} ${row.line}`).digest()
  return createHash('sha256')
    .update(salt)
    .update(JSON.stringify([row.number, row.line, row.name, row.unit, row.amountFen]))
    .digest()
}

/** The first day after the notice: its days counted from the day after it opens, working days by the calendar. */
const noticeEnd = (edition: Edition, opensOn: CivilDate): CivilDate => {
  const { notice } = edition
  if (!notice) return addDays(opensOn, daysUnsaid + 1)
  const days = numberOn(edition, notice.days, opensOn)
  return notice.counted_in === 'working' ? afterWorkdays(opensOn, days, holidayYears) : addDays(opensOn, days + 1)
}

/** Rows of a list in an order that tells nothing of when each was decided: by a keyed hash of the due. */
const shuffled = (ctx: Context, rows: readonly Publishable[]): Publishable[] =>
  rows
    .map((row) => ({ row, by: ctx.services.vault.hash('notice', String(row.dueId)).toString('hex') }))
    .sort((a, b) => (a.by < b.by ? -1 : 1))
    .map(({ row }) => row)

export interface PublishedLists {
  readonly lists: readonly { id: number; number: string; unit: string; rows: number; opensOn: string; until: string }[]
}

/**
 * Makes the numbered lists for objection (公示): for each unit one of what was decided and is published before payment, and
 * one of what each batch paid. Masked name, unit, amount, and nothing else. A list stays up until the longest notice among
 * its rows has ended. Refused: nothing_to_publish.
 */
export const publishLists = (ctx: Context): Promise<Result<PublishedLists>> =>
  transact(ctx, 'disclosure.publish', async (tx) => {
    await sql`select pg_advisory_xact_lock(${tx.office}::integer, 10)`.execute(tx.q)
    const all = await publishable(tx)
    if (all.length === 0) return refuse({ code: 'nothing_to_publish' })
    const byList = new Map<string, Publishable[]>()
    for (const row of all) {
      const key = `${row.unitId}/${row.before}/${row.batchId}`
      byList.set(key, [...(byList.get(key) ?? []), row])
    }
    const keys = await ctx.services.vault.memberKeys(
      tx,
      all.map((row) => row.personId),
    )
    let published = await listsOfYear(tx, ctx.today)
    const lists = []
    for (const rows of byList.values()) {
      const first = rows[0]
      assert(first, 'a group has a row')
      const ends = await Promise.all(
        [...new Set(rows.map((row) => row.editionId))].map(async (id) => {
          const adopted = await editionById(tx, id)
          assert(adopted, 'an item has an adopted edition')
          return noticeEnd(adopted.edition, ctx.today)
        }),
      )
      const id = await tx.ids.take()
      published += 1
      const number = `公示${ctx.today.slice(0, 4)}-${String(published).padStart(4, '0')}`
      const until = ends.sort().at(-1) ?? addDays(ctx.today, daysUnsaid + 1)
      await tx.q
        .insertInto('disclosure.list')
        .values({
          office_id: tx.office,
          id,
          number,
          unit_id: first.unitId,
          before_payment: first.before,
          batch_id: first.batchId,
          opens_on: ctx.today,
          until_on: until,
          rows: rows.length,
          total_fen: rows.reduce((sum, row) => sum + row.amountFen, 0),
          made_by: ctx.actor.id,
        })
        .execute()
      const fewCovered = tooFewFor(rows)
      const shown = shuffled(ctx, rows).map((row, i) => {
        const key = keys.get(row.personId)
        assert(key, 'every member has a key')
        const name = nameShown(row.nameInNotice, fewCovered, ctx.services.vault.open('member.name', row.nameSealed))
        return {
          line: i + 1,
          dueId: row.dueId,
          name,
          amountFen: row.amountFen,
          fingerprint: fingerprint(key, { number, line: i + 1, name, unit: row.unit, amountFen: row.amountFen }),
        }
      })
      await sql`
        insert into disclosure.row (office_id, list_id, line, due_id, masked_name, amount_fen, fingerprint)
        select ${tx.office}, ${id}, line, due_id, name, amount, fingerprint
          from unnest(${shown.map((row) => row.line)}::integer[], ${shown.map((row) => row.dueId)}::bigint[], ${shown.map((row) => row.name)}::text[],
                      ${shown.map((row) => row.amountFen)}::bigint[], ${shown.map((row) => row.fingerprint)}::bytea[]) as new (line, due_id, name, amount, fingerprint)`.execute(
        tx.q,
      )
      await sealList(tx, id)
      lists.push({ id, number, unit: first.unit, rows: rows.length, opensOn: ctx.today, until })
    }
    return ok({ lists })
  })
