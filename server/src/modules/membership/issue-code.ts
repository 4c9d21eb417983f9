import { randomInt } from 'node:crypto'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { setLogin, unitInReach } from '#modules/network/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { hashSecret } from '#platform/sign-in/index.ts'
import { memberByNumber, unitsOf } from './store.ts'

/** A member who has shown her paper at the agency gets a code to sign in with; a new one replaces the old. */
export const issueCode = async (
  ctx: Context,
  input: { memberNumber: string },
): Promise<Result<{ login: string; code: string }>> => {
  const code = Array.from({ length: 12 }, () => randomInt(10)).join('')
  const secretHash = await hashSecret(code)
  // The code is told once: it must not lie among the answers kept for retries.
  const { idempotencyKey: _, ...once } = ctx
  return transact(
    once,
    'membership.issue-code',
    async (tx) => {
      const member = await memberByNumber(tx, input.memberNumber)
      if (!member) return refuse({ code: 'member_not_found' })
      const reach = await Promise.all(
        (await unitsOf(tx, member.personId)).map((unitId) => unitInReach(tx, ctx, unitId)),
      )
      if (!reach.some((unit) => unit)) return refuse({ code: 'member_not_found' })
      const login = `${input.memberNumber.toLowerCase()}-${tx.office}`
      await setLogin(tx, { login, actorKind: 'member', actorId: member.personId, secretHash })
      return ok({ login, code })
    },
    { object: `member:${input.memberNumber}` },
  )
}
