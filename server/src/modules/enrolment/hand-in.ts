import type { HandInReply } from '#contract/enrolment.ts'
import { type Defect, type DefectCode, defectText, rosterDefects } from '#contract/roster-defects.ts'
import { assert } from '#kernel/assert.ts'
import type { CivilDate } from '#kernel/days.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Edition, editionById } from '#modules/plans/index.ts'
import { type Context, read, type Tx, transact } from '#platform/database/index.ts'
import { readSheet, type SheetRow } from '#platform/sheets/index.ts'
import { expectedStart, whyClosed } from './open-roster.ts'
import { type CheckedRow, checkRow, markDoubles, markShares } from './roster-defects.ts'
import { findHeader, type Header } from './roster-reading.ts'
import { countsOf, reportSheet } from './roster-report.ts'
import {
  clearStaged,
  type HandIn,
  handInById,
  handInOf,
  type Roster,
  recordedNames,
  rosterInReach,
  type SealedRow,
  stageRows,
  takeStaged,
  unstageCovered,
} from './store.ts'

type Mode = 'good_rows' | 'all_or_nothing'
interface Input {
  readonly rosterId: number
  readonly file: Buffer
  readonly mode: Mode
  /** told how many rows have been read, for whoever waits */
  readonly onProgress?: (rows: number) => void
}

/**
 * A file of a roster is handed in: read and checked whole, every defect reported row by row, and the good rows (or all or
 * none, as she chose) put on the roster. The same file again gets the same answer. Rows in = accepted + to mend.
 */
export const handIn = async (ctx: Context, input: Input): Promise<Result<HandInReply, Refused>> => {
  const contentHash = ctx.services.files.contentHash(input.file)
  const found = await read(
    ctx,
    async (tx): Promise<Result<{ roster: Roster; edition: Edition; earlier: HandIn | undefined }>> => {
      const roster = await rosterInReach(tx, ctx, input.rosterId)
      if (!roster) return refuse({ code: 'roster_not_found' })
      const earlier = await handInOf(tx, roster.id, contentHash)
      if (!earlier && roster.closedOn) return refuse({ code: 'roster_closed' })
      const adopted = await editionById(tx, roster.editionId)
      assert(adopted, 'a roster has an adopted edition')
      return ok({ roster, edition: adopted.edition, earlier })
    },
  )
  if (!found.ok) return found
  const { edition, earlier, roster } = found.value
  if (earlier) return ok({ ...replyOf(earlier, []), seenBefore: true })
  const why = whyClosed(edition, ctx.today)
  if (why) return refuse({ code: 'edition_closed', title: edition.title, why })

  const start = expectedStart(edition, ctx.today, roster.commonDay)
  if (!start) return refuse({ code: 'no_scheme_date' })
  const checked = await checkFile(ctx, input, edition, start.from)
  if (!checked.ok) return checked
  const { header, rows, sealed } = checked.value

  return transact(ctx, 'enrolment.hand-in', async (tx) => {
    const locked = await rosterInReach(tx, ctx, input.rosterId, true)
    if (!locked) return refuse({ code: 'roster_not_found' })
    const twin = await handInOf(tx, locked.id, contentHash)
    if (twin) return ok({ ...replyOf(twin, []), seenBefore: true })
    if (locked.closedOn) return refuse({ code: 'roster_closed' })
    const handInId = await tx.ids.take()
    await stageRows(tx, handInId, sealed)
    const covered = new Set(await unstageCovered(tx, handInId, edition.plan, start.from, start.until))
    const otherNames = await namesThatDiffer(tx, ctx, handInId, rows)
    let judged = warned(judge(rows, covered, input.mode), otherNames, 'name_differs')
    let alreadyIn = 0
    if (judged.some((row) => row.clean)) {
      const taken = await takeStaged(tx, handInId, locked.id, handInId)
      alreadyIn = taken.alreadyIn
      judged = warned(judged, new Set(taken.changed), 'changed_on_roster')
    }
    const counts = countsOf(judged)
    await clearStaged(tx, handInId)

    const file = await ctx.services.files.keep(tx, ctx, input.file, 'application/octet-stream')
    const defects = Object.fromEntries(
      judged.filter((row) => row.defects.length > 0).map((row) => [row.row.number, row.defects]),
    )
    const defectsFile = await ctx.services.files.keep(
      tx,
      ctx,
      Buffer.from(JSON.stringify({ header, defects })),
      'application/json',
    )
    const saved: HandIn = {
      id: handInId,
      rosterId: locked.id,
      rowsIn: counts.rowsIn,
      accepted: counts.accepted,
      toMend: counts.toMend,
      alreadyIn,
      defects: counts.defects,
      fileId: file.id,
      defectsFileId: defectsFile.id,
    }
    await tx.q
      .insertInto('enrolment.hand_in')
      .values({
        office_id: tx.office,
        id: saved.id,
        roster_id: saved.rosterId,
        content_hash: contentHash,
        mode: input.mode,
        rows_in: saved.rowsIn,
        accepted: saved.accepted,
        to_mend: saved.toMend,
        already_in: saved.alreadyIn,
        defects: JSON.stringify(saved.defects),
        file_id: saved.fileId,
        defects_file_id: saved.defectsFileId,
        handed_in_at: ctx.at,
        handed_in_by: ctx.actor.id,
      })
      .execute()
    return ok(replyOf(saved, judged))
  })
}

/** Rows whose name is not the one on record with us: a misspelling here, or there. */
const namesThatDiffer = async (
  tx: Tx,
  ctx: Context,
  run: number,
  rows: readonly CheckedRow[],
): Promise<ReadonlySet<number>> => {
  const recorded = await recordedNames(tx, run)
  if (recorded.length === 0) return new Set()
  const names = await ctx.services.vault.openMany(
    'member.name',
    recorded.map((each) => each.nameSealed),
  )
  const written = new Map(rows.map((each) => [each.row.number, each.clean?.name]))
  return new Set(recorded.flatMap(({ rowNumber }, i) => (written.get(rowNumber) === names[i] ? [] : [rowNumber])))
}

/** Rows that count, and that she is asked to look at. */
const warned = (judged: readonly CheckedRow[], which: ReadonlySet<number>, code: DefectCode): CheckedRow[] =>
  which.size === 0
    ? [...judged]
    : judged.map((each) =>
        each.clean && which.has(each.row.number) ? { ...each, defects: [...each.defects, { code }] } : each,
      )

const checkFile = async (
  ctx: Context,
  input: Input,
  edition: Edition,
  on: CivilDate,
): Promise<Result<{ header: Header; rows: CheckedRow[]; sealed: SealedRow[] }, Refused>> => {
  const rules = { edition, on, demonstration: ctx.services.demonstration }
  const waiting: SheetRow[] = []
  const rows: CheckedRow[] = []
  const sealing: Promise<SealedRow[]>[] = []
  const papers = new Map<string, number>()
  const firstShares = { shares: null }
  let header: Result<Header, Refused> | null = null

  const take = (batch: readonly SheetRow[]): void => {
    if (!header?.ok) return
    const { row: headerRow, columns } = header.value
    let checked = batch.filter((row) => row.number > headerRow).map((row) => checkRow(row, columns, rules))
    checked = markShares(markDoubles(checked, papers), edition, firstShares)
    for (const each of checked) rows.push(each)
    sealing.push(seal(ctx, checked))
    input.onProgress?.(rows.length)
  }
  const file = await readSheet(input.file, (batch) => {
    if (header) return take(batch)
    waiting.push(...batch)
    if (waiting.length < 20) return
    header = findHeader(waiting)
    take(waiting)
  })
  if (!file.ok) return file
  if (!header) {
    header = findHeader(waiting)
    take(waiting)
  }
  const found = header as Result<Header, Refused>
  if (!found.ok) {
    await Promise.allSettled(sealing)
    return found
  }
  return ok({ header: found.value, rows, sealed: (await Promise.all(sealing)).flat() })
}

/** Numbers and names leave this thread as they are and come back hashed and sealed. */
const seal = async (ctx: Context, checked: readonly CheckedRow[]): Promise<SealedRow[]> => {
  const clean = checked.flatMap((each) => each.clean ?? [])
  const { vault } = ctx.services
  const numbers = clean.map((row) => row.paper)
  const [hashes, papers, names] = await Promise.all([
    vault.hashMany('paper', numbers),
    vault.sealMany('member.paper', numbers),
    vault.sealMany(
      'member.name',
      clean.map((row) => row.name),
    ),
  ])
  return clean.map(({ name: _, paper: __, ...row }, i) => {
    const [paperHash, paperSealed, nameSealed] = [hashes[i], papers[i], names[i]]
    assert(paperHash && paperSealed && nameSealed)
    return { ...row, paperHash, paperSealed, nameSealed }
  })
}

const judge = (rows: readonly CheckedRow[], covered: ReadonlySet<number>, mode: Mode): CheckedRow[] => {
  const judged = rows.map((each) =>
    each.clean && covered.has(each.row.number)
      ? { row: each.row, clean: null, defects: [...each.defects, { code: 'covered_elsewhere' as const }] }
      : each,
  )
  if (mode === 'good_rows' || judged.every((each) => each.clean)) return judged
  return judged.map((each) =>
    each.clean ? { row: each.row, clean: null, defects: [...each.defects, { code: 'others_first' as const }] } : each,
  )
}

const replyOf = (handedIn: HandIn, judged: readonly CheckedRow[]): HandInReply => ({
  handInId: handedIn.id,
  rowsIn: handedIn.rowsIn,
  accepted: handedIn.accepted,
  toMend: handedIn.toMend,
  alreadyIn: handedIn.alreadyIn,
  seenBefore: false,
  defects: { ...handedIn.defects },
  sample: [...judged.filter((row) => !row.clean), ...judged.filter((row) => row.clean && row.defects.length > 0)]
    .slice(0, 20)
    .map((row) => ({ row: row.row.number, problems: row.defects.map(defectText) })),
})

/** The report of a hand-in: her own sheet with what happened to each row, made anew from the file as it was handed in. */
export const handInReport = async (
  ctx: Context,
  input: { rosterId: number; handInId: number },
): Promise<Result<Buffer, Refused>> => {
  const found = await read(ctx, async (tx) => {
    if (!(await rosterInReach(tx, ctx, input.rosterId))) return undefined
    const handedIn = await handInById(tx, input.rosterId, input.handInId)
    if (!handedIn) return undefined
    const [file, defects] = [
      await ctx.services.files.read(tx, handedIn.fileId),
      await ctx.services.files.read(tx, handedIn.defectsFileId),
    ]
    return file && defects
      ? {
          file: file.bytes,
          kept: JSON.parse(defects.bytes.toString('utf8')) as { header: Header; defects: Record<string, Defect[]> },
        }
      : undefined
  })
  if (!found) return refuse({ code: 'report_not_found' })
  const { header, defects } = found.kept
  const rows: CheckedRow[] = []
  const sheet = await readSheet(found.file, (batch) => {
    for (const row of batch) {
      if (row.number <= header.row) continue
      const its = defects[String(row.number)] ?? []
      const mend = its.some((defect) => rosterDefects[defect.code].level === 'mend')
      const clean = mend ? null : ({} as CheckedRow['clean'])
      rows.push({ row, clean, defects: its })
    }
  })
  if (!sheet.ok) return sheet
  return ok(await reportSheet(header, rows))
}
