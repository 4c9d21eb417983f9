import { randomBytes } from 'node:crypto'
import type { EnrolKey, ShownSignature } from '#contract/access.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { sm2KeyOf, sm2SignatureOf, sm2Verifies } from '#platform/sign-in/index.ts'
import { type OwnContext, once } from './own-account.ts'
import { counted, markSession } from './second-step.ts'
import { isOpenToAdd } from './ways.ts'

/** minutes a challenge may be signed in: time to plug a key in and type its PIN */
const challengeMinutes = 5

export interface Challenge {
  /** what the key signs: this text, without an end of line */
  readonly challenge: string
  readonly until: string
}

/** It names what is signed for, so that a signature made here says nothing anywhere else, nor one from elsewhere here. */
const textOf = (ctx: OwnContext, nonce: Buffer): string =>
  `tongzhou second step, office ${ctx.office}, session ${ctx.sessionId}: ${nonce.toString('base64url')}`

const newChallenge = async (tx: Tx, ctx: OwnContext): Promise<Challenge> => {
  const nonce = randomBytes(32)
  const until = new Date(ctx.at.getTime() + challengeMinutes * 60_000)
  await sql`
    insert into network.key_challenge (office_id, id, session_id, nonce, made_at, expires_at)
    values (${tx.office}, ${await tx.ids.take()}, ${ctx.sessionId}, ${nonce}, ${ctx.at}, ${until})`.execute(tx.q)
  return { challenge: textOf(ctx, nonce), until: until.toISOString() }
}

/** Takes the newest challenge of this sign-in, once, while it is young; what was asked before it no longer counts. */
const takeChallenge = async (tx: Tx, ctx: OwnContext): Promise<Buffer | undefined> => {
  const { rows } = await sql<{ nonce: Buffer }>`
    update network.key_challenge set used_at = ${ctx.at}
     where office_id = ${tx.office} and used_at is null and expires_at > ${ctx.at}
       and id = (select id from network.key_challenge where office_id = ${tx.office} and session_id = ${ctx.sessionId}
                  order by made_at desc, id desc limit 1)
    returning nonce`.execute(tx.q)
  return rows[0]?.nonce
}

interface Key {
  readonly id: number
  readonly point: Buffer
}
const keyOf = async (tx: Tx, ctx: Context, confirmed: boolean): Promise<Key | undefined> => {
  const { rows } = await sql<Key>`
    select id, public_point as point from network.second_key
     where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}
       and (confirmed_at is not null) = ${confirmed} and removed_at is null order by made_at desc, id desc limit 1`.execute(
    tx.q,
  )
  return rows[0]
}

/** The public key of her SM2 key. It counts when it has signed a first challenge; who has a second step makes that one first. */
export const enrolKey = (ctx: OwnContext, input: EnrolKey): Promise<Result<Challenge>> =>
  transact(once(ctx), 'network.enrol-second-key', async (tx) => {
    const point = sm2KeyOf(input.publicKey)
    if (!point) return refuse({ code: 'second_key_not_sm2' })
    if (await keyOf(tx, ctx, true)) return refuse({ code: 'second_key_enrolled' })
    if (!(await isOpenToAdd(tx, ctx))) return refuse({ code: 'second_step_needed' })
    await sql`
      insert into network.second_key (office_id, id, actor_kind, actor_id, public_point, made_at)
      values (${tx.office}, ${await tx.ids.take()}, ${ctx.actor.kind}, ${ctx.actor.id}, ${point}, ${ctx.at})`.execute(
      tx.q,
    )
    return ok(await newChallenge(tx, ctx))
  })

/** Something to sign: random, of this sign-in, for some minutes, once. */
export const keyChallenge = (ctx: OwnContext): Promise<Result<Challenge>> =>
  transact(once(ctx), 'network.second-key-challenge', async (tx) => {
    const key = (await keyOf(tx, ctx, true)) ?? (await keyOf(tx, ctx, false))
    return key ? ok(await newChallenge(tx, ctx)) : refuse({ code: 'second_key_missing' })
  })

/** Whether this key signed the challenge that lies open; it is taken by the answer, and stays open after a wrong one. */
const takeSignature = async (tx: Tx, ctx: OwnContext, key: Key, text: string): Promise<Result<true>> => {
  const nonce = await takeChallenge(tx, ctx)
  if (!nonce) return refuse({ code: 'challenge_over' })
  const signature = sm2SignatureOf(text)
  return signature && sm2Verifies(key.point, Buffer.from(textOf(ctx, nonce)), signature)
    ? ok(true)
    : refuse({ code: 'second_key_wrong' })
}

/** The first signature of a new key: from now on it makes the second step. */
export const confirmKey = (ctx: OwnContext, input: ShownSignature): Promise<Result<{ enrolled: true }>> =>
  counted(ctx, () =>
    transact(once(ctx), 'network.confirm-second-key', async (tx) => {
      if (await keyOf(tx, ctx, true)) return refuse({ code: 'second_key_enrolled' })
      const key = await keyOf(tx, ctx, false)
      if (!key) return refuse({ code: 'second_key_missing' })
      if (!(await isOpenToAdd(tx, ctx))) return refuse({ code: 'second_step_needed' })
      const signed = await takeSignature(tx, ctx, key, input.signature)
      if (!signed.ok) return signed
      await sql`
        update network.second_key set confirmed_at = ${ctx.at} where office_id = ${tx.office} and id = ${key.id}`.execute(
        tx.q,
      )
      await markSession(tx, ctx)
      return ok({ enrolled: true })
    }),
  )

/** The second step of this sign-in: her key signs the challenge that was made for it. */
export const makeSecondStepByKey = (ctx: OwnContext, input: ShownSignature): Promise<Result<{ done: true }>> =>
  counted(ctx, () =>
    transact(once(ctx), 'network.second-step-by-key', async (tx) => {
      const key = await keyOf(tx, ctx, true)
      if (!key) return refuse({ code: 'second_key_missing' })
      const signed = await takeSignature(tx, ctx, key, input.signature)
      if (!signed.ok) return signed
      await markSession(tx, ctx)
      return ok({ done: true })
    }),
  )
