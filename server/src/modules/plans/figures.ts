import { assert } from '#kernel/assert.ts'
import type { CivilDate } from '#kernel/days.ts'
import { parseYuan } from '#kernel/money.ts'
import type { EditionText, units } from './language.ts'

export type Unit = (typeof units)[number]

/** A slice (over, to]; what it gives is a rate, an amount or a number of days, as the value's unit says. */
export interface Band {
  readonly over: number
  /** Infinity where the band has no end */
  readonly to: number
  readonly rate: number
}
/** Days of a stay (over, to] and the days paid for them: a number, or the days themselves up to a most. */
export interface PaidDays {
  readonly over: number
  readonly to: number
  readonly days: number | 'actual'
  readonly most: number
}
export type Table = Readonly<Record<string, number>>
export type Figure = number | readonly Band[] | readonly PaidDays[] | Table

/** A figure as it stands from a day on. */
export interface DatedFigure {
  readonly from: CivilDate
  readonly value: Figure
  readonly clause: string
  readonly resolution?: string | undefined
  readonly ours: boolean
}

export interface Value {
  readonly name: string
  readonly about: string
  readonly unit: Unit
  readonly dated: readonly DatedFigure[]
  /** other figures for a class of persons */
  readonly classes: Readonly<Record<string, readonly DatedFigure[]>>
  /** what must be resolved before there is a figure at all */
  readonly awaits: string | null
  /** no text gives it */
  readonly unknown: boolean
}

export type Complain = (at: string, zh: string) => void
type FigureText = Extract<EditionText['values'][string], { value: unknown }>['value']

/** A plan's figure beyond nine thousand million yuan is a slip of the pen; up to it, fen times basis points is exact. */
export const mostFen = 900_000_000_000
/** A fraction is kept as so many parts of this many: every fraction of twelve, of a hundred, and a third are exact in it. */
export const fractionOf = 3_600

const parseNumber = (text: string, unit: Unit): number | string => {
  const said = text.trim()
  if (unit === 'yuan') {
    const amount = parseYuan(said)
    if (amount === null) return `金额写作 36.00，最多两位小数，不能写“${said.slice(0, 20)}”`
    if (amount < 0) return '金额不能是负数'
    return amount > mostFen ? '金额太大' : amount
  }
  if (unit === 'percent') {
    const match = /^(\d{1,3})(?:\.(\d{1,2}))?%$/.exec(said)
    if (!match) return `比例写作 70% 或 12.5%，最多两位小数，不能写“${said.slice(0, 20)}”`
    const points = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
    return points > 10_000 ? '比例不能超过 100%' : points
  }
  if (unit === 'fraction') {
    const match = /^(\d{1,4})\/(\d{1,4})$/.exec(said)
    if (!match) return '分数写作 1/3'
    const parts = (Number(match[1]) * fractionOf) / Number(match[2])
    if (Number(match[2]) === 0 || Number(match[1]) > Number(match[2])) return '分数在 0 与 1 之间'
    return Number.isInteger(parts) ? parts : `分母要能整除 ${fractionOf}`
  }
  return /^\d{1,6}$/.test(said) ? Number(said) : `写一个整数，不能写“${said.slice(0, 20)}”`
}

/** Reads one figure of a value; complains at its place and gives undefined where it cannot be read. */
export const readFigure = (value: FigureText, unit: Unit, at: string, complain: Complain): Figure | undefined => {
  const number = (text: string, as: Unit, where: string): number | undefined => {
    const figure = parseNumber(text, as)
    if (typeof figure === 'number') return figure
    complain(where, figure)
    return undefined
  }
  if (typeof value === 'string') return number(value, unit, at)
  if ('table' in value) {
    if (Object.keys(value.table).length > 200) complain(at, '一张表最多 200 行')
    const table: Record<string, number> = {}
    for (const [key, text] of Object.entries(value.table)) table[key] = number(text, unit, `${at}.${key}`) ?? 0
    return table
  }
  const along = (text: string, where: string) =>
    number(text, 'bands' in value && value.along === 'yuan' ? 'yuan' : 'count', where)
  const rows = 'bands' in value ? value.bands : value.paid_days
  const edges: { over: number; to: number }[] = []
  let end = -1
  for (const [i, row] of rows.entries()) {
    const where = `${at}[${i}]`
    const over = along(row.over, where)
    const to = row.to === undefined ? Number.POSITIVE_INFINITY : along(row.to, where)
    if (over === undefined || to === undefined) return undefined
    if (over >= to) complain(where, '“over” 要小于 “to”')
    if (end >= 0 && over > end) complain(where, '与上一段之间有空档')
    if (end >= 0 && over < end) complain(where, '与上一段重叠')
    end = to
    edges.push({ over, to })
  }
  if ('bands' in value)
    return value.bands.map((row, i) => ({
      ...(edges[i] ?? { over: 0, to: 0 }),
      rate: number(row.rate, unit, `${at}[${i}].rate`) ?? 0,
    }))
  return value.paid_days.map((row, i) => ({
    ...(edges[i] ?? { over: 0, to: 0 }),
    days: row.days === 'actual' ? ('actual' as const) : (number(row.days, 'count', `${at}[${i}].days`) ?? 0),
    most: row.most === undefined ? Number.MAX_SAFE_INTEGER : (number(row.most, 'count', `${at}[${i}].most`) ?? 0),
  }))
}

export const isBands = (value: Figure): value is readonly Band[] => Array.isArray(value) && 'rate' in (value[0] ?? {})
export const isPaidDays = (value: Figure): value is readonly PaidDays[] =>
  Array.isArray(value) && 'days' in (value[0] ?? {})
export const isTable = (value: Figure): value is Table => typeof value === 'object' && !Array.isArray(value)

/** The figure of a value in force on a day, for a class of persons where it has one of its own; undefined while it is awaited. */
export const figureOf = (value: Value, on: string, personClass: string | null): DatedFigure | undefined => {
  const own = personClass === null ? undefined : value.classes[personClass]
  return (own && lastFrom(own, on)) ?? lastFrom(value.dated, on)
}

const lastFrom = (dated: readonly DatedFigure[], on: string): DatedFigure | undefined => {
  let found: DatedFigure | undefined
  for (const each of dated) if (each.from <= on) found = each
  // Before the first day of the edition its first figure stands: a claim is judged by the edition it was covered under.
  return found ?? dated[0]
}

/** A row of a table by a fact; `later` stands for every number from the one after the last on, `other` for whatever is not named. */
export const rowOf = (table: Table, key: string | number): number | undefined => {
  // A number, and not what every object has from its prototype: a claim may say anything, "constructor" too.
  const own = table[String(key)]
  if (typeof own === 'number') return own
  if (typeof key === 'number' && table.later !== undefined) return table.later
  return table.other
}

export const asNumber = (figure: DatedFigure, name: string): number => {
  assert(typeof figure.value === 'number', `${name} is a table, not a number`)
  return figure.value
}
