import type { RegisterUnit } from '#contract/network.ts'
import { readCreditCode } from '#kernel/credit-code.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { agencyExists } from './store.ts'

type CheckedUnit = Omit<RegisterUnit, 'creditCode' | 'employers'> & {
  creditCode: string | null
  employers: { name: string; creditCode: string | null }[]
}

/** An employer has a credit code (GB 32100); a joint union has none but covers employers; some units have neither. */
export const checkUnit = (unit: RegisterUnit): Result<CheckedUnit, Refused> => {
  if (unit.kind === 'employer' && !unit.creditCode) return refuse({ code: 'credit_code_needed' })
  if (unit.kind !== 'employer' && unit.creditCode) return refuse({ code: 'credit_code_not_expected' })
  if (unit.kind === 'joint_union' && unit.employers.length === 0) return refuse({ code: 'employers_needed' })
  const codeOf = (given: string | null | undefined): Result<string | null, Refused> =>
    given ? readCreditCode(given) : ok(null)
  const creditCode = codeOf(unit.creditCode)
  if (!creditCode.ok) return creditCode
  const employers = []
  for (const employer of unit.employers) {
    const code = codeOf(employer.creditCode)
    if (!code.ok) return code
    employers.push({ name: employer.name, creditCode: code.value })
  }
  return ok({ ...unit, creditCode: creditCode.value, employers })
}

/** A unit is known to the office before it can apply. Refuses a name or credit code that the office already has. */
export const registerUnit = (ctx: Context, input: RegisterUnit): Promise<Result<{ id: number }, Refused>> =>
  transact(ctx, 'network.register-unit', async (tx) => {
    const unit = checkUnit(input)
    if (!unit.ok) return unit
    const { name, kind, creditCode, sector, agencyId, pointId, employers } = unit.value
    if (ctx.actor.place?.kind === 'agency' && ctx.actor.place.id !== agencyId)
      return refuse({ code: 'agency_not_found' })
    if (!(await agencyExists(tx, agencyId, pointId ?? null))) return refuse({ code: 'agency_not_found' })
    const id = await tx.ids.take()
    const added = await tx.q
      .insertInto('network.unit')
      .values({
        office_id: tx.office,
        id,
        name,
        kind,
        credit_code: creditCode,
        sector: sector ?? null,
        agency_id: agencyId,
        point_id: pointId ?? null,
        registered_on: ctx.today,
      })
      .onConflict((same) => same.doNothing())
      .executeTakeFirst()
    if (added.numInsertedOrUpdatedRows === 0n) return refuse({ code: 'unit_exists' })
    if (employers.length > 0) {
      const first = await tx.ids.take(employers.length)
      await tx.q
        .insertInto('network.unit_employer')
        .values(
          employers.map((employer, i) => ({
            office_id: tx.office,
            unit_id: id,
            id: first + i,
            name: employer.name,
            credit_code: employer.creditCode,
          })),
        )
        .execute()
    }
    return ok({ id })
  })
