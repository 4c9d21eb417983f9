import type { Reveal } from '#contract/privacy.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { memberByNumber, unitsOf } from '#modules/membership/index.ts'
import { unitInReach } from '#modules/network/index.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { opensOf } from '#platform/vault/index.ts'

/** A member within reach: she belongs, or belonged, to a unit there. */
export const memberInReach = async (tx: Tx, ctx: Context, memberNumber: string): Promise<number | null> => {
  const member = await memberByNumber(tx, memberNumber)
  if (!member) return null
  if (ctx.actor.place === null) return member.personId
  for (const unitId of await unitsOf(tx, member.personId))
    if (await unitInReach(tx, ctx, unitId)) return member.personId
  return null
}

/** Shows one thing in full, for a purpose that is kept before it is shown and that the member can read. */
export const reveal = (ctx: Context, input: Reveal & { memberNumber: string }): Promise<Result<{ value: string }>> => {
  const { idempotencyKey: _, ...once } = ctx // what is shown must not lie among the answers kept for retries
  return transact(
    once,
    'privacy.reveal',
    async (tx) => {
      const personId = await memberInReach(tx, ctx, input.memberNumber)
      if (personId === null) return refuse({ code: 'member_not_found' })
      const value = await inFull(tx, ctx, personId, input.what)
      if (!value) return refuse({ code: 'nothing_to_reveal' })
      await sql`
        insert into privacy.revealed (office_id, id, person_id, what, purpose, by_staff, by_role, revealed_at)
        values (${tx.office}, ${await tx.ids.take()}, ${personId}, ${input.what}, ${input.purpose}, ${ctx.actor.id}, ${ctx.actor.role}, ${ctx.at})`.execute(
        tx.q,
      )
      return ok({ value })
    },
    { object: `member:${input.memberNumber} ${input.what}`, reason: input.purpose },
  )
}

const inFull = async (tx: Tx, ctx: Context, personId: number, what: Reveal['what']): Promise<string | null> => {
  const { vault } = ctx.services
  if (what === 'account') {
    const { rows } = await sql<{ sealed: Buffer }>`
      select account_sealed as sealed from claims.event where office_id = ${tx.office} and person_id = ${personId} order by id desc limit 1`.execute(
      tx.q,
    )
    const seals = await opensOf(vault, tx, [personId])
    return rows[0] ? seals.open(personId, 'payee.account', rows[0].sealed) : null
  }
  const { rows } = await sql<{ name: Buffer; paper: Buffer }>`
    select name_sealed as name, paper_sealed as paper from membership.member where office_id = ${tx.office} and person_id = ${personId}`.execute(
    tx.q,
  )
  if (!rows[0]) return null
  return what === 'name' ? vault.open('member.name', rows[0].name) : vault.open('member.paper', rows[0].paper)
}
