import { addMonths, type CivilDate, day } from './days.ts'

// 全国人大常委会关于实施渐进式延迟法定退休年龄的决定 (13 September 2024), in force from 1 January 2025: men of 60 move by a
// month for each four months of birth to 63, women of 55 likewise to 58, women of 50 by a month for each two months to 55.
const rules = {
  man: { age: 60, last: 63, monthsEach: 4 },
  woman_cadre: { age: 55, last: 58, monthsEach: 4 },
  woman_worker: { age: 50, last: 55, monthsEach: 2 },
} as const
export type Post = keyof typeof rules

/** The month in which the old age would have been reached; from January 2025 on each later month of birth moves the age. */
const monthsSince2025 = (bornOn: CivilDate, age: number): number =>
  (Number(bornOn.slice(0, 4)) + age - 2025) * 12 + Number(bornOn.slice(5, 7)) - 1

/** Statutory retirement in months of age, by sex, post and month of birth; early or deferred retirement is a fact of the person. */
export const retirementAgeMonths = (bornOn: CivilDate, post: Post): number => {
  const { age, last, monthsEach } = rules[post]
  const since = monthsSince2025(bornOn, age)
  const moved = since < 0 ? 0 : Math.floor(since / monthsEach) + 1
  return Math.min(age * 12 + moved, last * 12)
}

/** The day on which the statutory age is reached. */
export const retirementDay = (bornOn: CivilDate, post: Post): CivilDate =>
  addMonths(day(bornOn), retirementAgeMonths(bornOn, post))
