import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { sql, type Tx } from '../database/index.ts'
import { tokenHash } from './token.ts'

export { failedOnDevice, failedTries, forgetTries, oidcTries } from './failed-tries.ts'
export {
  type Device,
  devicesOf,
  forgetDevice,
  isDeviceToken,
  knownDevice,
  newDeviceToken,
  rememberDevice,
} from './known-devices.ts'
export { type OidcProvider, type OidcSettings, oidcProvider, type RoundTrip } from './oidc.ts'
export {
  newSecret,
  otpauthUri,
  recoveryCodes,
  recoveryHash,
  secondStepTries,
  stepOfCode,
} from './second-step.ts'
export { sm2KeyOf, sm2SignatureOf, sm2Verifies } from './sm2.ts'
export { maskPhone, type SmsGateway, type SmsPlace, shownSms, smsDigits, webhookSms } from './sms.ts'
export { tokenHash } from './token.ts'
export { isWeakPassword } from './weak-passwords.ts'

// argon2id (the library's default kind) with the parameters OWASP names for 19 MiB of memory
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const hashSecret = (secret: string): Promise<string> => hash(secret, cost)

// Checked in place of a hash that does not exist, so that an unknown name takes as long as a wrong password.
let nobody: Promise<string> | undefined

/** Whether a secret is the one of this hash; where there is no hash the answer is no, after the same time. */
export const verifySecret = async (secretHash: string | null, secret: string): Promise<boolean> => {
  nobody ??= hashSecret(randomBytes(16).toString('hex'))
  const right = await verify(secretHash ?? (await nobody), secret)
  return right && secretHash !== null
}

/** Opens a session and gives its token, once. */
export const createSession = async (
  tx: Tx,
  session: {
    actorKind: 'staff' | 'member'
    actorId: number
    appointmentId: number | null
    at: Date
    expiresAt: Date
    fromAddress: string
    device?: string | null
    /** the second step was made before the session began */
    secondStepAt?: Date | null
    /** the device as she knows it, and whether it was new to her until now; absent: it is not known */
    knownDevice?: { readonly id: number; readonly isNew: boolean } | null
  },
): Promise<string> => {
  const token = randomBytes(32).toString('base64url')
  await sql`
    insert into platform.session (token_hash, id, office_id, actor_kind, actor_id, appointment_id, created_at, expires_at, from_address, device,
      second_step_at, device_id, device_new)
    values (${tokenHash(token)}, ${await tx.ids.take()}, ${tx.office}, ${session.actorKind}, ${session.actorId}, ${session.appointmentId},
            ${session.at}, ${session.expiresAt}, ${session.fromAddress}, ${session.device?.slice(0, 200) ?? null},
            ${session.secondStepAt ?? null}, ${session.knownDevice?.id ?? null}, ${session.knownDevice?.isNew ?? true})`.execute(
    tx.q,
  )
  return token
}

export const endSession = async (tx: Tx, sessionId: number, at: Date): Promise<void> => {
  await sql`
    update platform.session set ended_at = ${at}
     where office_id = ${tx.office} and id = ${sessionId} and ended_at is null`.execute(tx.q)
}

/** Ends every session of somebody, but the one named; tells how many there were. */
export const endSessionsOf = async (
  tx: Tx,
  who: { kind: 'staff' | 'member'; id: number },
  at: Date,
  except = 0,
): Promise<number> => {
  const { numAffectedRows } = await sql`
    update platform.session set ended_at = ${at}
     where office_id = ${tx.office} and actor_kind = ${who.kind} and actor_id = ${who.id} and id <> ${except}
       and ended_at is null and expires_at > ${at}`.execute(tx.q)
  return Number(numAffectedRows ?? 0n)
}
