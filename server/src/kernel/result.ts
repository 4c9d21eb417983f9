/** A foreseen answer 'no': its code, and the facts that its Chinese sentence (contract/refusals.ts) and the caller need. */
export type Refused = { readonly code: string } & Readonly<Record<string, unknown>>
export type Result<T, R extends Refused = Refused> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refused: R }

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value })
export const refuse = <const R extends Refused>(refused: R): { readonly ok: false; readonly refused: R } => ({
  ok: false,
  refused,
})
