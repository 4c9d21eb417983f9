import type { Defect } from '#contract/roster-defects.ts'
import type { Refused } from '#kernel/result.ts'
import type { SheetRow } from '#platform/sheets/index.ts'
import { type CleanRow, checkRow, markDoubles, markShares, type RosterRules } from './roster-defects.ts'
import { findHeader, type Header } from './roster-reading.ts'

/** What happened to a row. */
export interface Verdict {
  readonly number: number
  readonly accepted: boolean
  /** every defect at once; of an accepted row, what she is asked to look at */
  readonly defects: readonly Defect[]
}

/** Good rows as columns of one length: a hundred thousand rows pass between threads in a fraction of what objects take. */
export type CleanColumns = { readonly [column in keyof CleanRow]: readonly CleanRow[column][] }

/** Rows of a file, checked. */
export interface CheckedBatch {
  readonly rows: number
  readonly clean: CleanColumns
  /** on the rows of which something is to be said, in the order of the sheet; the others are good */
  readonly verdicts: readonly Verdict[]
}
export type Checked =
  | { readonly header: Header }
  | { readonly refused: Refused }
  /** the file has row keys: it is to be checked again with the roster that they are of */
  | { readonly wants: 'earlier' }
  | CheckedBatch

const columnsOf = (rows: readonly CleanRow[]): CleanColumns => ({
  rowNumber: rows.map((row) => row.rowNumber),
  name: rows.map((row) => row.name),
  paperKind: rows.map((row) => row.paperKind),
  paper: rows.map((row) => row.paper),
  sex: rows.map((row) => row.sex),
  bornOn: rows.map((row) => row.bornOn),
  staffNumber: rows.map((row) => row.staffNumber),
  shares: rows.map((row) => row.shares),
  option: rows.map((row) => row.option),
})

/**
 * The checks of a whole file, row by row as it is read: finds the header below any titles, and knows who was in the file
 * before. Runs in the thread that reads, so that the thread that answers requests stays free.
 */
export default (rules: RosterRules): ((rows: readonly SheetRow[], last: boolean) => Checked[]) => {
  const waiting: SheetRow[] = []
  const papers = new Map<string, number>()
  const firstShares = { shares: null }
  let header: Header | null = null
  let over = false

  const check = (rows: readonly SheetRow[], { row: headerRow, columns }: Header): CheckedBatch => {
    const all = rows.filter((row) => row.number > headerRow).map((row) => checkRow(row, columns, rules))
    const checked = markShares(markDoubles(all, papers), rules.edition, firstShares)
    return {
      rows: checked.length,
      clean: columnsOf(checked.flatMap((each) => each.clean ?? [])),
      verdicts: checked
        .filter((each) => each.defects.length > 0)
        .map(({ row, clean, defects }) => ({ number: row.number, accepted: clean !== null, defects })),
    }
  }

  return (rows, last) => {
    if (over) return []
    if (header) return rows.length > 0 ? [check(rows, header)] : []
    waiting.push(...rows)
    if (waiting.length < 20 && !last) return []
    const found = findHeader(waiting)
    if (!found.ok) {
      over = true
      return [{ refused: found.refused }]
    }
    if (found.value.columns.rowKey !== undefined && rules.earlier === null) {
      over = true
      return [{ wants: 'earlier' }]
    }
    header = found.value
    return [{ header }, check(waiting.splice(0), header)]
  }
}
