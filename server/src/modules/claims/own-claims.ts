import type { RawBuilder } from 'kysely'
import type { Refused } from '#kernel/result.ts'
import { unitsOf } from '#modules/membership/index.ts'
import type { Duties } from '#modules/network/index.ts'
import { sql, type Tx } from '#platform/database/index.ts'

/** Whom and which units a worker keeps off (回避): herself, her kin, and where the office says so the units she is of. */
export interface KeepsOff extends Pick<Duties, 'herself' | 'kin'> {
  readonly units: readonly number[]
}
export const keepsOff = async (
  tx: Tx,
  { herself, kin, ownUnitBarred }: Pick<Duties, 'herself' | 'kin' | 'ownUnitBarred'>,
): Promise<KeepsOff> => ({
  herself,
  kin,
  units: ownUnitBarred && herself !== null ? await unitsOf(tx, herself) : [],
})

/** Nobody reviews or decides her own claim or her kin's, nor her own unit's where the office says so. Null: it may be hers. */
export const barredFrom = (
  { herself, kin, units }: KeepsOff,
  item: { personId: number; unitId: number },
): Refused | null => {
  if (kin.includes(item.personId)) return { code: 'kin_claim' }
  if (herself === item.personId) return { code: 'own_claim' }
  return units.includes(item.unitId) ? { code: 'own_units_claim' } : null
}

/** Says it to the database as one row, from which a review or decision is inserted: its policy refuses whoever is named, and any row without. */
export const sayingWhomSheKeepsOff = ({ herself, kin, units }: KeepsOff): RawBuilder<unknown> => {
  const persons = herself === null ? kin : [herself, ...kin]
  return sql`select set_config('app.keeps_off_persons', ${persons}::bigint[]::text, true),
                    set_config('app.keeps_off_units', ${units}::bigint[]::text, true)`
}
