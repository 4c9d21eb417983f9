import type { Refused } from '#kernel/result.ts'
import { load } from '../../../load.mjs'
import type { SheetKind } from './guard.ts'
import type { RowWork, SheetRow } from './index.ts'

/** A file for the reading thread. */
export interface ReadJob {
  readonly kind: SheetKind
  readonly bytes: Uint8Array
  readonly work: { readonly module: string; readonly data: unknown } | null
}
/** What the reading thread says: a batch read and worked on (the last with the sheets that were not read), or why it stopped. */
export type ReadSaid<T> =
  | { readonly rows: number; readonly answers: readonly T[]; readonly last: readonly string[] | null }
  | { readonly refused: Refused }

/** The work on each batch; without any, the rows themselves are the answer. */
export const rowWork = async <T>(
  work: RowWork | ReadJob['work'],
): Promise<(rows: readonly SheetRow[], last: boolean) => readonly T[]> => {
  if (!work) return (rows) => (rows.length > 0 ? [rows as T] : [])
  const made = (await load(work.module)) as {
    default: (data: unknown) => (rows: readonly SheetRow[], last: boolean) => readonly T[]
  }
  return made.default(work.data)
}
