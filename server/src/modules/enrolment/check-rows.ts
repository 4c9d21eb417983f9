import type { Defect } from '#contract/roster-defects.ts'
import type { Refused } from '#kernel/result.ts'
import type { SheetRow } from '#platform/sheets/index.ts'
import { type CleanRow, checkRow, markDoubles, markShares, type RosterRules } from './roster-defects.ts'
import { findHeader, type Header } from './roster-reading.ts'

/** What happened to a row. */
export interface Verdict {
  readonly number: number
  readonly accepted: boolean
  /** every defect at once; of an accepted row, what she should look at */
  readonly defects: readonly Defect[]
}

/** Rows of a file, checked: the good ones with their people, and a verdict on each, in the order of the sheet. */
export interface CheckedBatch {
  readonly clean: readonly CleanRow[]
  readonly verdicts: readonly Verdict[]
}
export type Checked = { readonly header: Header } | { readonly refused: Refused } | CheckedBatch

const none: readonly Defect[] = []

/**
 * The checks of a whole file, row by row as it is read: finds the header below any titles, and knows who was in the file
 * before. Runs in the thread that reads, so that the thread that answers requests stays free.
 */
export default (rules: RosterRules): ((rows: readonly SheetRow[], last: boolean) => Checked[]) => {
  const waiting: SheetRow[] = []
  const papers = new Map<string, number>()
  const firstShares = { shares: null }
  let header: Header | null = null
  let refused = false

  const check = (rows: readonly SheetRow[], { row: headerRow, columns }: Header): CheckedBatch => {
    const all = rows.filter((row) => row.number > headerRow).map((row) => checkRow(row, columns, rules))
    const checked = markShares(markDoubles(all, papers), rules.edition, firstShares)
    return {
      clean: checked.flatMap((each) => each.clean ?? []),
      verdicts: checked.map(({ row, clean, defects }) => ({
        number: row.number,
        accepted: clean !== null,
        defects: defects.length > 0 ? defects : none,
      })),
    }
  }

  return (rows, last) => {
    if (refused) return []
    if (header) return rows.length > 0 ? [check(rows, header)] : []
    waiting.push(...rows)
    if (waiting.length < 20 && !last) return []
    const found = findHeader(waiting)
    if (!found.ok) {
      refused = true
      return [{ refused: found.refused }]
    }
    header = found.value
    return [{ header }, check(waiting.splice(0), header)]
  }
}
