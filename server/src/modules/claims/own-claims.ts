import type { Refused } from '#kernel/result.ts'
import { unitsOf } from '#modules/membership/index.ts'
import type { Duties } from '#modules/network/index.ts'
import type { Tx } from '#platform/database/index.ts'

/** Nobody reviews or decides her own claim or her kin's, nor her own unit's where the office says so (回避). Null: it may be hers. */
export const barredFrom = async (
  tx: Tx,
  { herself, kin, ownUnitBarred }: Duties,
  item: { personId: number; unitId: number },
): Promise<Refused | null> => {
  if (kin.includes(item.personId)) return { code: 'kin_claim' }
  if (herself === null) return null
  if (herself === item.personId) return { code: 'own_claim' }
  if (ownUnitBarred && (await unitsOf(tx, herself)).includes(item.unitId)) return { code: 'own_units_claim' }
  return null
}
