import { type Defect, defectText, rosterDefects } from '#contract/roster-defects.ts'
import { assert } from '#kernel/assert.ts'
import { type Cell, type SheetRow, writeXlsx } from '#platform/sheets/index.ts'
import type { Header } from './roster-reading.ts'

export interface RosterCounts {
  readonly accepted: number
  readonly toMend: number
  readonly defects: Readonly<Record<string, number>>
}

/** A row of the sheet and what happened to it. */
export interface ReportRow {
  readonly row: SheetRow
  readonly accepted: boolean
  readonly defects: readonly Defect[]
}

/** What the officer is told in one line each: rows in = accepted + to mend, always. A row without a verdict is good. */
export const countsOf = (rowsIn: number, verdicts: readonly Omit<ReportRow, 'row'>[]): RosterCounts => {
  const defects: Record<string, number> = {}
  for (const { code } of verdicts.flatMap((verdict) => verdict.defects)) defects[code] = (defects[code] ?? 0) + 1
  const toMend = verdicts.filter((verdict) => !verdict.accepted).length
  assert(toMend <= rowsIn, 'every row is either accepted or to be mended')
  return { accepted: rowsIn - toMend, toMend, defects }
}

/**
 * The same sheet again with a remark column: what to mend, or what to look at. Every row stands in the line it came in, titles
 * above the header and empty lines too, so that "row 7" is row 7 in both.
 */
export const reportSheet = (
  header: Header,
  above: readonly SheetRow[],
  rows: readonly ReportRow[],
): Promise<Buffer> => {
  // Not Math.max(...): as arguments of a call two hundred thousand rows are too many.
  const width = rows.reduce((widest, { row }) => Math.max(widest, row.cells.length), header.titles.length)
  const padded = (cells: readonly Cell[]): Cell[] => Array.from({ length: width }, (_, i) => cells[i] ?? null)
  const remark = ({ defects }: ReportRow): string =>
    defects
      .map((defect) => `${rosterDefects[defect.code].level === 'warn' ? '请确认：' : '请修改：'}${defectText(defect)}`)
      .join('；')
  const sheet: Cell[][] = []
  const put = (number: number, cells: Cell[]): void => {
    while (sheet.length < number - 1) sheet.push([])
    sheet.push(cells)
  }
  for (const { number, cells } of above) put(number, [...cells])
  put(header.row, [...padded(header.titles), '处理结果', '备注'])
  for (const each of rows)
    put(each.row.number, [...padded(each.row.cells), each.accepted ? '已接收' : '未接收', remark(each) || null])
  return writeXlsx(sheet, { name: '名单核对结果' })
}
