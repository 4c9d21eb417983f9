import { type Defect, defectText, rosterDefects } from '#contract/roster-defects.ts'
import { assert } from '#kernel/assert.ts'
import { type Cell, type SheetRow, writeXlsx } from '#platform/sheets/index.ts'
import type { Header } from './roster-reading.ts'

export interface RosterCounts {
  readonly rowsIn: number
  readonly accepted: number
  readonly toMend: number
  readonly warnings: number
  readonly defects: Readonly<Record<string, number>>
}

/** A row of the sheet and what happened to it. */
export interface ReportRow {
  readonly row: SheetRow
  readonly accepted: boolean
  readonly defects: readonly Defect[]
}

/** What the officer is told in one line each; rows in = accepted + to mend, always. */
export const countsOf = (rows: readonly Omit<ReportRow, 'row'>[]): RosterCounts => {
  const defects: Record<string, number> = {}
  let accepted = 0
  let warnings = 0
  for (const { accepted: good, defects: found } of rows) {
    if (good) accepted += 1
    if (good && found.length > 0) warnings += 1
    for (const { code } of found) defects[code] = (defects[code] ?? 0) + 1
  }
  const toMend = rows.filter((row) => !row.accepted).length
  assert(rows.length === accepted + toMend, 'every row is either accepted or to be mended')
  return { rowsIn: rows.length, accepted, toMend, warnings, defects }
}

/** The same sheet again, in its own order and columns, with a remark column: what to mend, or what to look at. */
export const reportSheet = (header: Header, rows: readonly ReportRow[]): Promise<Buffer> => {
  const width = Math.max(header.titles.length, ...rows.map(({ row }) => row.cells.length))
  const padded = (cells: readonly Cell[]): Cell[] => Array.from({ length: width }, (_, i) => cells[i] ?? null)
  const remark = ({ defects }: ReportRow): string =>
    defects
      .map((defect) => `${rosterDefects[defect.code].level === 'warn' ? '请确认：' : '请修改：'}${defectText(defect)}`)
      .join('；')
  const sheet: Cell[][] = [
    [...padded(header.titles), '处理结果', '备注'],
    ...rows.map((each) => [...padded(each.row.cells), each.accepted ? '已接收' : '未接收', remark(each) || null]),
  ]
  return writeXlsx(sheet, { name: '名单核对结果' })
}
