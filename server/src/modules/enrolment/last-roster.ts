import { ok, type Result, refuse } from '#kernel/result.ts'
import { type AtHand, mayExport, unitInReach } from '#modules/network/index.ts'
import { type Edition, editionById } from '#modules/plans/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { writeXlsx } from '#platform/sheets/index.ts'
import { maskPaper } from '#platform/vault/index.ts'
import type { EarlierRow } from './roster-defects.ts'
import { type EarlierRosterRow, lastRosterRows } from './store.ts'

/** What stands for a masked number in a downloaded roster. It begins with a letter: no program takes it for a day. */
const rowKey = ({ handInId, row }: EarlierRosterRow): string => `R${handInId}-${row}`

/**
 * The unit's last roster as a sheet to be edited and handed in again; without one, an empty sheet with its columns. ID
 * numbers are masked: the row key brings them back at hand-in. An act is kept of each. Refused: unit_not_found, and what
 * `mayExport` refuses.
 */
export const lastRoster = async (
  ctx: Context,
  input: { readonly unitId: number; readonly editionId: number },
  atHand: AtHand,
): Promise<Result<Buffer>> => {
  const found = await transact(
    ctx,
    'enrolment.fetch-roster',
    async (tx): Promise<Result<{ edition: Edition; rows: EarlierRosterRow[] }>> => {
      const adopted = (await unitInReach(tx, ctx, input.unitId)) && (await editionById(tx, input.editionId))
      if (!adopted) return refuse({ code: 'unit_not_found' })
      const rows = await lastRosterRows(tx, input.unitId, adopted.edition.plan)
      // An empty sheet tells nothing of anybody.
      const may = rows.length > 0 ? await mayExport(tx, ctx, atHand) : ok(null)
      return may.ok ? ok({ edition: adopted.edition, rows }) : may
    },
    { object: `unit:${input.unitId}` },
  )
  if (!found.ok) return found
  const { edition, rows } = found.value
  const { vault } = ctx.services
  const names = await vault.openMany(
    'member.name',
    rows.map((row) => row.nameSealed),
  )
  const papers = await vault.openMany(
    'member.paper',
    rows.map((row) => row.paperSealed),
  )
  const shares = edition.fee.per === 'share'
  const lines = rows.map((row, i) => [
    names[i] ?? '',
    maskPaper(papers[i] ?? ''),
    row.staffNumber,
    ...(shares ? [row.shares] : []),
    rowKey(row),
  ])
  const titles = ['姓名', '身份证号', '工号', ...(shares ? ['份数'] : [])]
  return ok(
    await writeXlsx([rows.length > 0 ? [...titles, '原行号（勿改）'] : titles, ...lines], {
      name: '参保名单',
      widths: [14, 22, 12, ...(shares ? [8] : []), 16],
    }),
  )
}

/** The numbers behind the row keys of that sheet. */
export const earlierByKey = async (
  ctx: Context,
  rows: readonly EarlierRosterRow[],
): Promise<ReadonlyMap<string, EarlierRow>> => {
  const papers = await ctx.services.vault.openMany(
    'member.paper',
    rows.map((row) => row.paperSealed),
  )
  return new Map(
    rows.map((row, i) => {
      const paper = papers[i] ?? ''
      return [rowKey(row), { paper, paperKind: row.paperKind, masked: maskPaper(paper) }]
    }),
  )
}
