import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { defectText } from '#contract/roster-defects.ts'
import { day } from '#kernel/days.ts'
import { demoRegion, residentCheckSign } from '#kernel/identity-paper.ts'
import { type Edition, readPlan } from '#modules/plans/index.ts'
import { checkRow, markDoubles, onePaper } from './roster-defects.ts'
import { findHeader, headerIn } from './roster-reading.ts'

const editionOf = async (plan: string): Promise<Edition> => {
  const files = await readPlan(fileURLToPath(new URL(`../../../../plans/${plan}`, import.meta.url)))
  if (!files.ok || !files.value[0]) throw new Error(plan)
  return files.value[0].edition
}
const hospital = await editionOf('demo-hospital')
const women = await editionOf('demo-women')
const id = (born: string, sequence: string) => {
  const first = `${demoRegion}${born}${sequence}`
  return first + residentCheckSign(first)
}
const columns = { name: 0, paper: 1, sex: 2, shares: 3 }
const rules = (edition: Edition) => ({ edition, on: day('2026-04-01'), demonstration: true, earlier: null })
const check = (cells: (string | number | null)[], edition = hospital) =>
  checkRow({ number: 5, cells }, columns, rules(edition))
const codes = (cells: (string | number | null)[], edition = hospital) =>
  check(cells, edition).defects.map((defect) => defect.code)

test('columns are found below a title, in any order, whatever they are called', () => {
  const rows = [
    { number: 1, cells: ['某某公司 2026 年参保名单'] },
    { number: 3, cells: ['序号', '证件号码（必填）', '部 门', '职工姓名*'] },
  ]
  expect(findHeader(rows)).toMatchObject({ ok: true, value: { row: 3, columns: { paper: 1, name: 3 } } })
  expect(headerIn({ number: 1, cells: ['公民身份号码', '姓名'] })?.columns).toEqual({ paper: 0, name: 1 })
  expect(findHeader([{ number: 1, cells: ['工号', '电话'] }])).toMatchObject({
    ok: false,
    refused: { code: 'roster_columns_missing' },
  })
})

test('of two columns of one meaning the filled one is read; what is not read is told, but for numbers of rows and remarks', () => {
  const rows = [
    { number: 1, cells: ['序号', '姓名', '身份证', '身份证号码', '投保数量', '备注', '部门'] },
    { number: 2, cells: ['1', '王芳', null, id('19880701', '002'), '3'] },
    { number: 3, cells: ['2', '李芳', ' ', id('19880702', '002'), '3'] },
  ]
  expect(findHeader(rows)).toMatchObject({
    value: { columns: { name: 1, paper: 3 }, notRead: ['身份证', '投保数量', '部门'] },
  })
  expect(findHeader(rows.slice(0, 1))).toMatchObject({ value: { columns: { name: 1, paper: 2 } } })
  expect(headerIn({ number: 1, cells: ['姓名', '身份证号', '投保份数'] })?.columns.shares).toBe(2)
})

test('a sheet without a heading is refused without repeating the number of the person in its first row', () => {
  for (const number of ['330101198807010012', '33010119880701001X', '3301 0119 8807 0100 12', 3.3010119880701e17]) {
    const refused = JSON.stringify(findHeader([{ number: 1, cells: ['某车间 2026', number] }]))
    expect(refused).toContain('某车间 2026、*****')
    expect(refused).not.toMatch(/\d{5}|8807/)
  }
})

test('〇 is a sign of a name', () => {
  expect(check(['李〇', id('19880104', '003'), '', null])).toMatchObject({ clean: { name: '李〇' }, defects: [] })
  expect(check(['李 〇', id('19880104', '003'), '', null])).toMatchObject({
    clean: { name: '李〇' },
    defects: [{ code: 'name_spaces' }],
  })
  expect(codes(['李○', id('19880104', '003'), '', null])).toEqual(['name_odd'])
})

test('a good row is accepted, and a space inside a name is mended and said', () => {
  expect(check(['王芳', id('19880701', '002'), '女', 1])).toMatchObject({
    clean: { name: '王芳', sex: 'F', bornOn: '1988-07-01' },
    defects: [],
  })
  expect(check(['王 芳', id('19880701', '002'), '', null])).toMatchObject({
    clean: { name: '王芳' },
    defects: [{ code: 'name_spaces' }],
  })
  expect(check(['Anna  Maria Smith', 'E12345678', '', null]).clean).toBeNull() // her age is not known from a passport
})

test('every defect of a row is told at once', () => {
  expect(codes(['', '990001198807010012', '', 'x'])).toEqual(['name_missing', 'paper_check_digit'])
  expect(codes(['王芳1', id('19500101', '002'), '', 9])).toEqual(['name_odd', 'too_old', 'shares_wrong'])
})

test('a cell that is a formula without a result is told by its column, and never taken for an empty one', () => {
  const row = check(['王芳', id('19880701', '002'), '', '=IF(1,3,0)'])
  expect(row).toMatchObject({ clean: null, defects: [{ code: 'formula_unread' }, { code: 'shares_wrong' }] })
  expect(row.defects.map(defectText)[0]).toContain('“份数”一栏是公式')
  expect(codes(['=A2', '=B2', '=C2', 1])).toEqual(['formula_unread', 'name_odd', 'paper_kind_unknown'])
})

test.each([
  [3.3010119880701e17, 'paper_as_number'],
  ['3.30101E+17', 'paper_as_number'],
  ['330101880701001', 'paper_15_digits'],
  ['', 'paper_missing'],
  [id('20150101', '002'), 'too_young'],
])('paper %s: %s', (paper, code) => expect(codes(['王芳', paper, '', null])).toContain(code))

test('a men is not taken into a women’s plan, and a stated sex that the number contradicts is only asked about', () => {
  expect(codes(['王刚', id('19880701', '001'), '', null], women)).toEqual(['sex_wrong'])
  expect(check(['王芳', id('19880701', '002'), '男', null], women)).toMatchObject({
    clean: { sex: 'F' },
    defects: [{ code: 'sex_differs' }],
  })
})

test('who turned sixty yesterday still may join, who turns sixty-one on the day may not', () => {
  expect(codes(['王刚', id('19660331', '001'), '', null])).toEqual([])
  expect(codes(['王刚', id('19650401', '001'), '', null])).toEqual(['too_old'])
  expect(codes(['王刚', id('19650402', '001'), '', null])).toEqual([])
})

test('the same person twice: the later row names the first', () => {
  const rows = [
    check(['王芳', id('19880701', '002'), '', null]),
    { ...check(['王芳', id('19880701', '002'), '', null]), row: { number: 9, cells: [] } },
  ]
  const marked = markDoubles(rows, new Map())
  expect(marked[0]?.clean).not.toBeNull()
  expect(marked[1]).toMatchObject({ clean: null, defects: [{ code: 'twice_in_file', facts: { row: 5 } }] })
})

test('two papers of one number and of different kinds are two persons; an identity number is one however its kind is called', () => {
  const of = (paperKind: 'resident' | 'passport' | 'taiwan_permit') => onePaper({ paper: '87654321', paperKind })
  expect(of('passport')).not.toBe(of('taiwan_permit'))
  const paper = id('19880701', '002')
  expect(onePaper({ paper, paperKind: 'resident' })).toBe(paper)
  const clean = {
    rowNumber: 1,
    name: '王芳',
    paper: '87654321',
    sex: null,
    bornOn: null,
    staffNumber: null,
    shares: 1,
    option: null,
  }
  const rows = (['taiwan_permit', 'passport', 'passport'] as const).map((paperKind, i) => ({
    row: { number: i + 1, cells: [] },
    clean: { ...clean, paperKind },
    defects: [],
  }))
  expect(markDoubles(rows, new Map()).map((each) => each.defects.map((defect) => defect.code))).toEqual([
    [],
    [],
    ['twice_in_file'],
  ])
})
