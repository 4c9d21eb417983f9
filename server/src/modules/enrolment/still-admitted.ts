import type { CivilDate } from '#kernel/days.ts'
import { type Edition, numberOn, whoMayJoin } from '#modules/plans/index.ts'
import type { Tx } from '#platform/database/index.ts'
import { expectedStart } from './open-roster.ts'
import { daysOfFiles, type PersonKind, personKinds, type Roster, type RowKey, rowsOfKinds } from './store.ts'

/** Whether an edition takes a person of such sex, birth and choice from a day on; what nobody knows of her keeps her not off. Pure. */
export const takes = (edition: Edition, { sex, bornOn, option, shares }: PersonKind, on: CivilDate): boolean =>
  shares <= numberOn(edition, edition.fee.shares_max, on) &&
  whoMayJoin(edition, { sex, bornOn, option }, on).every((defect) => defect.code === 'not_known')

/**
 * Rows of a roster whose persons may not join from a day on, though they might when they were handed in: where a file was checked
 * for another start, everybody's age is judged again.
 */
export const noLongerAdmitted = async (tx: Tx, roster: Roster, edition: Edition, on: CivilDate): Promise<RowKey[]> => {
  const checkedFor = (await daysOfFiles(tx, roster.id)).map(
    (day) => expectedStart(edition, day, roster.commonDay)?.from,
  )
  if (checkedFor.every((start) => start === on)) return []
  const kinds = await personKinds(tx, roster.id)
  const barred = kinds.filter((kind) => !takes(edition, kind, on))
  return barred.length > 0 ? rowsOfKinds(tx, roster.id, barred) : []
}

/** The rows as they are named when they are taken off: 交表 12 第 3、5 行. */
export const rowsNamed = (rows: readonly RowKey[], most = 30): string => {
  const files = new Map<number, number[]>()
  for (const { handInId, row } of rows.slice(0, most)) files.set(handInId, [...(files.get(handInId) ?? []), row])
  const named = [...files].map(([file, numbers]) => `交表 ${file} 第 ${numbers.join('、')} 行`).join('；')
  return rows.length > most ? `${named}，等等` : named
}
