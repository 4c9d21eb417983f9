import type { Defect } from '#contract/roster-defects.ts'
import { rosterDefects } from '#contract/roster-defects.ts'
import { type CivilDate, isDay } from '#kernel/days.ts'
import { type PaperKind, paperKindNamed, readPaper } from '#kernel/identity-paper.ts'
import { type Edition, numberOn, whoMayJoin } from '#modules/plans/core.ts'
import type { Cell, SheetRow } from '#platform/sheets/index.ts'
import { lostDigits } from '#platform/sheets/lost-digits.ts'
import { type Column, type Columns, columnTitle } from './roster-reading.ts'

/** A row that may be enrolled. */
export interface CleanRow {
  readonly rowNumber: number
  readonly name: string
  readonly paperKind: PaperKind
  readonly paper: string
  readonly sex: 'F' | 'M' | null
  readonly bornOn: CivilDate | null
  readonly staffNumber: string | null
  readonly shares: number
  readonly option: string | null
}

export interface CheckedRow {
  readonly row: SheetRow
  readonly clean: CleanRow | null
  /** every defect at once; a row is to be mended if one of them is not only a warning */
  readonly defects: readonly Defect[]
}

export interface RosterRules {
  readonly edition: Edition
  /** the day ages are counted on */
  readonly on: CivilDate
  readonly demonstration: boolean
  /** the unit's last roster by row key; null: nobody asked for it yet */
  readonly earlier: ReadonlyMap<string, EarlierRow> | null
}

/** A row of a roster that was downloaded: its number, and how that is shown. */
export interface EarlierRow {
  readonly paper: string
  readonly paperKind: PaperKind
  readonly masked: string
}

const text = (cells: readonly Cell[], at: number | undefined): string =>
  at === undefined
    ? ''
    : String(cells[at] ?? '')
        .normalize('NFKC')
        .trim()
const isChinese = (name: string): boolean => /^[\p{Script=Han}·•\s]+$/u.test(name)

const checkName = (given: string, defects: Defect[]): string => {
  if (given === '') {
    defects.push({ code: 'name_missing' })
    return ''
  }
  let name = given.replace(/[•．・‧]/g, '·')
  // A Chinese name has no space inside: 李 明 is 李明. Other names keep theirs, one at a time.
  if (isChinese(name) && /\s/.test(name)) {
    defects.push({ code: 'name_spaces' })
    name = name.replace(/\s/g, '')
  } else name = name.replace(/\s+/g, ' ')
  if (name.length > 60) defects.push({ code: 'name_too_long' })
  // 〇 is a sign of names, though it counts as a number.
  else if (!/^[\p{L}\p{M}〇][\p{L}\p{M}〇·.'’\- ]*$/u.test(name))
    defects.push({ code: 'name_odd', facts: { given: name.slice(0, 20) } })
  return name
}

/** Columns of ours in which a row has a formula that nobody worked out: what it would give is not known. */
const isFormula = (cell: Cell | undefined): boolean => typeof cell === 'string' && cell.startsWith('=')
const formulasIn = (cells: readonly Cell[], columns: Columns): Column[] =>
  cells.some(isFormula)
    ? (Object.keys(columns) as Column[]).filter((column) => isFormula(cells[columns[column] ?? -1]))
    : []

/** Checks one row of a roster by the edition's rules; tells all its defects at once. */
export const checkRow = (row: SheetRow, columns: Columns, rules: RosterRules): CheckedRow => {
  const { edition, on, demonstration, earlier } = rules
  const defects: Defect[] = []
  const { cells } = row
  const formulas = formulasIn(cells, columns)
  if (formulas.length > 0)
    defects.push({ code: 'formula_unread', facts: { columns: formulas.map(columnTitle).join('、') } })
  const name = checkName(text(cells, columns.name), defects)

  const paperCell = columns.paper === undefined ? null : (cells[columns.paper] ?? null)
  const kind = paperKindNamed(text(cells, columns.paperKind))
  const paperText = String(paperCell ?? '')
  const hidden = paperText.includes('*')
  const before = hidden ? earlier?.get(text(cells, columns.rowKey)) : undefined
  let paper: ReturnType<typeof readPaper> | null = null
  if (hidden && !before) defects.push({ code: 'paper_hidden' })
  else if (before && before.masked !== paperText.trim()) defects.push({ code: 'paper_of_other_row' })
  else if (lostDigits(paperCell)) defects.push({ code: 'paper_as_number' })
  else if (kind === null) defects.push({ code: 'paper_kind_unknown' })
  else {
    paper = readPaper(before?.paper ?? paperText, before?.paperKind ?? kind, { demonstration })
    if (!paper.ok) defects.push({ code: paper.refused.code })
  }

  if (paper?.ok) {
    const stated = text(cells, columns.sex)
    const statedSex = /^(女|F|女性)$/i.test(stated) ? 'F' : /^(男|M|男性)$/i.test(stated) ? 'M' : null
    if (paper.value.sex && statedSex && statedSex !== paper.value.sex) defects.push({ code: 'sex_differs' })
    const sex = paper.value.sex ?? statedSex
    const bornText = text(cells, columns.born)
      .replace(/[./年月]/g, '-')
      .replace('日', '')
      .replace(/-(\d)(?=-|$)/g, '-0$1')
    const bornOn = paper.value.bornOn ?? (isDay(bornText) ? bornText : null)
    if (edition.who.sex && !sex) defects.push({ code: 'sex_needed' })
    const option = text(cells, columns.option) || null
    if (edition.fee.options.length > 0 && !edition.fee.options.includes(option ?? ''))
      defects.push({ code: 'option_wrong', facts: { options: edition.fee.options.join('、') } })
    for (const defect of whoMayJoin(edition, { sex, bornOn, option }, on)) {
      if (defect.code === 'sex') defects.push({ code: 'sex_wrong' })
      else if (defect.code === 'age_unknown') defects.push({ code: 'born_needed' })
      else
        defects.push({
          code: defect.code,
          facts: { age: defect.age ?? 0, limit: defect.limit ?? 0, fact: defect.fact ?? '' },
        })
    }
    const most = numberOn(edition, edition.fee.shares_max, on)
    const sharesText = text(cells, columns.shares)
    const shares = sharesText === '' ? 1 : /^\d{1,3}$/.test(sharesText) ? Number(sharesText) : 0
    if (shares < 1 || shares > most) defects.push({ code: 'shares_wrong', facts: { limit: most } })
    if (!defects.some((defect) => rosterDefects[defect.code].level === 'mend')) {
      const { kind: paperKind, number } = paper.value
      const clean = {
        rowNumber: row.number,
        name,
        paperKind,
        paper: number,
        sex,
        bornOn,
        staffNumber: text(cells, columns.staffNumber) || null,
        shares,
        option: text(cells, columns.option) || null,
      }
      return { row, clean, defects }
    }
  }
  return { row, clean: null, defects }
}

/** What one paper is known by: a number of identity cards by itself, any other with its kind, for their numbers are each its own. */
export const onePaper = ({ paper, paperKind }: Pick<CleanRow, 'paper' | 'paperKind'>): string =>
  paperKind === 'resident' ? paper : `${paperKind}:${paper}`

/** The same person twice in one file: the first row counts, every later one names it. */
export const markDoubles = (rows: readonly CheckedRow[], first: Map<string, number>): CheckedRow[] =>
  rows.map((each) => {
    if (!each.clean) return each
    const key = onePaper(each.clean)
    const earlier = first.get(key)
    if (earlier === undefined) {
      first.set(key, each.row.number)
      return each
    }
    return {
      row: each.row,
      clean: null,
      defects: [...each.defects, { code: 'twice_in_file' as const, facts: { row: earlier } }],
    }
  })

/** Where everybody in a unit takes the same number of shares, whoever differs from the first row is to be mended. */
export const markShares = (
  rows: readonly CheckedRow[],
  edition: Edition,
  first: { shares: number | null },
): CheckedRow[] => {
  if (!edition.fee.same_shares_for_all) return [...rows]
  return rows.map((each) => {
    if (!each.clean) return each
    first.shares ??= each.clean.shares
    return each.clean.shares === first.shares
      ? each
      : { row: each.row, clean: null, defects: [...each.defects, { code: 'shares_differ' as const }] }
  })
}
