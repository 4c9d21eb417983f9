import { creditCodeCheck } from '#kernel/credit-code.ts'
import { addDays, type CivilDate, day } from '#kernel/days.ts'
import { demoRegion, residentCheckSign } from '#kernel/identity-paper.ts'

/** Numbers that look random and are the same for the same seed (mulberry32). */
export const dice = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    whole: (from: number, to: number): number => from + Math.floor(next() * (to - from + 1)),
    of: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T,
  }
}
export type Dice = ReturnType<typeof dice>

const surnames = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾萧田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤',
  '欧阳',
  '司马',
  '上官',
]
const given = [
  ...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉梅红建国文辉斌宇浩凯鑫婷雪琳慧颖倩岩峰波宁志远天佑子涵雨桐思琪嘉怡梓轩',
]

export interface Person {
  readonly name: string
  readonly paper: string
  readonly sex: 'F' | 'M'
  readonly bornOn: CivilDate
}

/**
 * A person who does not exist: the n-th gets a number of a region that was never given to any place, with a right check
 * sign, different for each n below 6,750,000. Working age on 1 January 2026.
 */
export const person = (n: number, roll: Dice): Person => {
  const sex = roll.next() < 0.45 ? 'F' : 'M'
  // Days of birth from 1967 on, 500 numbers a day and sex: the day and the sequence together are unique to n.
  const bornOn = addDays(day('1967-01-01'), (n * 7) % 13_500)
  const sequence = (Math.floor(n / 13_500) * 2 + (sex === 'M' ? 1 : 2)) % 1_000
  const first = `${demoRegion}${bornOn.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`
  const name = roll.of(surnames) + roll.of(given) + (roll.next() < 0.75 ? roll.of(given) : '')
  return { name, paper: first + residentCheckSign(first), sex, bornOn }
}

/** A credit code of nobody: its region digits are of the same never-given region. */
export const demoCreditCode = (n: number): string => {
  const first = `91${demoRegion}${String(n).padStart(9, '0')}`
  return first + creditCodeCheck(first)
}

/** A unit's size as they are: many small, few large (log-normal, median about forty). */
export const unitSize = (roll: Dice): number => {
  const normal = Math.sqrt(-2 * Math.log(1 - roll.next())) * Math.cos(2 * Math.PI * roll.next())
  return Math.max(12, Math.min(3_000, Math.round(Math.exp(3.9 + normal))))
}
