import type { HandInReply } from '#contract/enrolment.ts'
import { type Defect, type DefectCode, defectText, rosterDefects } from '#contract/roster-defects.ts'
import { assert } from '#kernel/assert.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type AtHand, mayExport } from '#modules/network/index.ts'
import { type Edition, editionById } from '#modules/plans/index.ts'
import { type Context, read, sql, type Tx, transact } from '#platform/database/index.ts'
import { readSheet, readSheetWith, type SheetRow } from '#platform/sheets/index.ts'
import type { Checked, CleanColumns, Verdict } from './check-rows.ts'
import { earlierByKey } from './last-roster.ts'
import { expectedStart, whyClosed } from './open-roster.ts'
import { onePaper, type RosterRules } from './roster-defects.ts'
import { type Header, withoutNumbers } from './roster-reading.ts'
import { countsOf, type ReportRow, reportSheet } from './roster-report.ts'
import {
  type HandIn,
  handInById,
  handInOf,
  hasRows,
  lastRosterRows,
  type Roster,
  rosterInReach,
  type SealedColumns,
  takeRows,
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
 * none, as she chose) put on the roster. The same file again gets the same answer, as long as its rows are on the roster as it
 * put them there: where they were taken off or replaced since, she wants them as this file has them. Rows in = accepted + to mend.
 */
export const handIn = async (ctx: Context, input: Input): Promise<Result<HandInReply, Refused>> => {
  const contentHash = ctx.services.files.contentHash(input.file)
  const found = await read(
    ctx,
    async (tx): Promise<Result<{ roster: Roster; edition: Edition; earlier: HandInReply | null }>> => {
      const roster = await rosterInReach(tx, ctx, input.rosterId)
      if (!roster) return refuse({ code: 'roster_not_found' })
      const adopted = await editionById(tx, roster.editionId)
      assert(adopted, 'a roster has an adopted edition')
      const earlier = await sameAgain(tx, ctx, roster, adopted.edition, { contentHash, mode: input.mode })
      if (!earlier && roster.closedOn) return refuse({ code: 'roster_closed' })
      return ok({ roster, edition: adopted.edition, earlier })
    },
  )
  if (!found.ok) return found
  const { edition, earlier, roster } = found.value
  if (earlier) return ok(earlier)
  const why = whyClosed(edition, ctx.today)
  if (why) return refuse({ code: 'edition_closed', title: edition.title, why })

  const start = expectedStart(edition, ctx.today, roster.commonDay)
  if (!start) return refuse({ code: 'no_scheme_date' })
  const rules = { edition, on: start.from, demonstration: ctx.services.demonstration, earlier: null }
  let file = checkFile(ctx, input, rules)
  // A transaction is opened when there is something to put into it: a file that is none, or slow, holds no connection.
  await file.first
  if (file.wantsEarlier) {
    const rows = await read(ctx, (tx) => lastRosterRows(tx, roster.unitId, edition.plan))
    file = checkFile(ctx, input, { ...rules, earlier: await earlierByKey(ctx, rows) })
    await file.first
  }
  if (file.refused) return file.refused

  const answer = await transact(ctx, 'enrolment.hand-in', async (tx) => {
    const locked = await rosterInReach(tx, ctx, input.rosterId, true)
    if (!locked) return refuse({ code: 'roster_not_found' })
    const twin = await sameAgain(tx, ctx, locked, edition, { contentHash, mode: input.mode })
    if (twin) return ok(twin)
    if (locked.closedOn) return refuse({ code: 'roster_closed' })
    const handInId = await tx.ids.take()
    const others = await hasRows(tx, locked.id)
    const covered = new Set<number>()
    const changed = new Set<number>()
    const renamed = new Set<number>()
    let alreadyIn = 0
    // Rows go in while the rest of the file is still read; all of them leave again where she chose all or nothing.
    await sql`savepoint before_rows`.execute(tx.q)
    for await (const { clean, sealed } of file.batches()) {
      const taken = await takeRows(tx, sealed, {
        rosterId: locked.id,
        handInId,
        plan: edition.plan,
        from: start.from,
        until: start.until,
        others,
      })
      alreadyIn += taken.alreadyIn
      for (const row of taken.covered) covered.add(row)
      for (const row of taken.changed) changed.add(row)
      // A name that is not the one on record with us is misspelt here, or there; a forgotten member has none on record.
      const recorded = await ctx.services.vault.openMany('member.name', taken.recordedNames)
      const written = new Map(taken.recorded.length > 0 ? clean.rowNumber.map((row, i) => [row, clean.name[i]]) : [])
      for (const [i, row] of taken.recorded.entries())
        if (recorded[i] !== '' && recorded[i] !== written.get(row)) renamed.add(row)
    }
    if (file.refused) return file.refused
    const { header } = file
    assert(header, 'a file that was read to its end has a header')
    const judged = judge(file, { covered, renamed, changed }, input.mode)
    const counts = countsOf(file.rows, judged)
    if (counts.accepted === 0) {
      await sql`rollback to savepoint before_rows`.execute(tx.q)
      alreadyIn = 0
    }

    const kept = await ctx.services.files.keep(tx, ctx, input.file, 'application/octet-stream')
    const defects = Object.fromEntries(judged.map((row) => [row.number, row.defects]))
    const beside: Kept = { header, defects, otherSheets: file.otherSheets }
    const defectsFile = await ctx.services.files.keep(tx, ctx, Buffer.from(JSON.stringify(beside)), 'application/json')
    const saved: HandIn = {
      id: handInId,
      rosterId: locked.id,
      rowsIn: file.rows,
      accepted: counts.accepted,
      toMend: counts.toMend,
      alreadyIn,
      defects: counts.defects,
      fileId: kept.id,
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
    return ok(replyOf(saved, judged, beside))
  })
  await file.end
  return answer
}

/** The answer that the same file got before, where nothing that it put on the roster has changed since. */
const sameAgain = async (
  tx: Tx,
  ctx: Context,
  roster: Roster,
  edition: Edition,
  given: { readonly contentHash: Buffer; readonly mode: Mode },
): Promise<HandInReply | null> => {
  const earlier = await handInOf(tx, roster.id, given.contentHash, given.mode)
  if (!earlier?.stands) return null
  // Another day has another start: who was too young then may not be so any more.
  const takesFiles = !roster.closedOn && whyClosed(edition, ctx.today) === null
  if (earlier.toMend > 0 && earlier.handedInOn !== ctx.today && takesFiles) return null
  const kept = await keptWith(tx, ctx, earlier)
  return { ...replyOf(earlier, kept ? verdictsIn(kept) : [], kept), seenBefore: true }
}

/** What is kept beside a file: where its heading stands, what was said of its rows, and which sheets were not read. */
interface Kept {
  readonly otherSheets?: readonly string[]
  readonly header: Header
  readonly defects: Readonly<Record<string, readonly Defect[]>>
}
const keptWith = async (tx: Tx, ctx: Context, { defectsFileId }: HandIn): Promise<Kept | null> => {
  const file = await ctx.services.files.read(tx, defectsFileId)
  return file ? JSON.parse(file.bytes.toString('utf8')) : null
}
const isAccepted = (defects: readonly Defect[]): boolean =>
  !defects.some((defect) => rosterDefects[defect.code].level === 'mend')
const verdictsIn = ({ defects }: Kept): Verdict[] =>
  Object.entries(defects).map(([row, its]) => ({ number: Number(row), accepted: isAccepted(its), defects: its }))

/** A file on its way: read and checked in one thread, sealed in another. Its batches can be gone through again. */
const checkFile = (ctx: Context, input: Input, rules: RosterRules) => {
  const batches: { clean: CleanColumns; sealed: Promise<SealedColumns> }[] = []
  let wake = () => {}
  let more = new Promise<void>((done) => {
    wake = done
  })
  const file = {
    header: null as Header | null,
    /** it has row keys, and has to be checked with the roster that they are of */
    wantsEarlier: false,
    otherSheets: [] as readonly string[],
    rows: 0,
    /** the rows of the sheet that are good by themselves */
    good: [] as number[],
    verdicts: [] as Verdict[],
    refused: null as Result<never, Refused> | null,
    first: Promise.resolve(),
    end: Promise.resolve(),
    async *batches() {
      for (let i = 0; ; i += 1) {
        while (i === batches.length && !ended) await more
        const batch = batches[i]
        if (!batch) return
        yield { clean: batch.clean, sealed: await batch.sealed }
      }
    },
  }
  let ended = false
  const tell = (): void => {
    wake()
    more = new Promise((done) => {
      wake = done
    })
  }
  const take = (said: Checked): void => {
    if ('refused' in said) file.refused = refuse(said.refused)
    else if ('header' in said) file.header = said.header
    else if ('wants' in said) file.wantsEarlier = true
    else {
      file.rows += said.rows
      for (const verdict of said.verdicts) file.verdicts.push(verdict)
      for (const row of said.clean.rowNumber) file.good.push(row)
      if (said.clean.rowNumber.length > 0) {
        const sealed = seal(ctx, said.clean)
        sealed.catch(() => {}) // asked for below, perhaps later
        batches.push({ clean: said.clean, sealed })
        tell()
      }
      input.onProgress?.(file.rows)
    }
  }
  const work = { module: new URL('./check-rows.ts', import.meta.url), data: rules }
  file.end = readSheetWith<Checked>(input.file, work, take).then((read) => {
    if (read.ok) file.otherSheets = read.value.otherSheets
    else file.refused = read
  })
  file.end.catch(() => {})
  const over = file.end.finally(() => {
    ended = true
    tell()
  })
  over.catch(() => {})
  file.first = Promise.race([more, file.end])
  return file
}

/** Numbers and names leave this thread as they are and come back hashed and sealed. */
const seal = async (ctx: Context, { name, paper, ...others }: CleanColumns): Promise<SealedColumns> => {
  const [paperHash, paperSealed, nameSealed] = await ctx.services.vault.concealMany([
    {
      what: 'hash',
      purpose: 'paper',
      texts: paper.map((number, i) => onePaper({ paper: number, paperKind: others.paperKind[i] ?? 'resident' })),
    },
    { what: 'seal', purpose: 'member.paper', texts: paper },
    { what: 'seal', purpose: 'member.name', texts: name },
  ])
  assert(paperHash && paperSealed && nameSealed)
  return { ...others, paperHash, paperSealed, nameSealed }
}

interface Read {
  readonly good: readonly number[]
  readonly verdicts: readonly Verdict[]
}
interface Known {
  readonly covered: ReadonlySet<number>
  readonly renamed: ReadonlySet<number>
  readonly changed: ReadonlySet<number>
}

/**
 * What is to be said of rows once the base was asked, in the order of the sheet: whom the plan covers already is to be
 * mended, whose name is another on record or whose row was changed counts and is asked about. All or nothing: where one row
 * is to be mended, the good ones wait for it.
 */
const judge = ({ good, verdicts }: Read, { covered, renamed, changed }: Known, mode: Mode): Verdict[] => {
  const judged = new Map(verdicts.map((each) => [each.number, each]))
  const add = (number: number, code: DefectCode, accepted: boolean): void => {
    judged.set(number, { number, accepted, defects: [...(judged.get(number)?.defects ?? []), { code }] })
  }
  for (const row of covered) add(row, 'covered_elsewhere', false)
  const counts = (row: number): boolean => judged.get(row)?.accepted !== false
  if (mode === 'all_or_nothing' && [...judged.values()].some((each) => !each.accepted))
    for (const row of good.filter(counts)) add(row, 'others_first', false)
  for (const row of [...renamed].filter(counts)) add(row, 'name_differs', true)
  for (const row of [...changed].filter(counts)) add(row, 'changed_on_roster', true)
  return [...judged.values()].sort((a, b) => a.number - b.number)
}

const named = (titles: readonly string[] = []): string[] =>
  titles.slice(0, 30).map((title) => withoutNumbers(title.trim()).slice(0, 30))
const replyOf = (handedIn: HandIn, judged: readonly Verdict[], beside: Kept | null): HandInReply => ({
  handInId: handedIn.id,
  rowsIn: handedIn.rowsIn,
  accepted: handedIn.accepted,
  toMend: handedIn.toMend,
  alreadyIn: handedIn.alreadyIn,
  seenBefore: false,
  defects: { ...handedIn.defects },
  columnsNotRead: named(beside?.header.notRead),
  sheetsNotRead: named(beside?.otherSheets),
  sample: [...judged.filter((row) => !row.accepted), ...judged.filter((row) => row.accepted)]
    .slice(0, 20)
    .map((row) => ({ row: row.number, problems: row.defects.map(defectText) })),
})

/**
 * The report of a hand-in: her own sheet with what happened to each row, made anew from the file as it was handed in. An act
 * is kept of each. Refused: report_not_found, and what `mayExport` refuses.
 */
export const handInReport = async (
  ctx: Context,
  input: { rosterId: number; handInId: number },
  atHand: AtHand,
): Promise<Result<Buffer, Refused>> => {
  const found = await transact(
    ctx,
    'enrolment.fetch-report',
    async (tx): Promise<Result<{ file: Buffer; kept: Kept }>> => {
      const handedIn =
        (await rosterInReach(tx, ctx, input.rosterId)) && (await handInById(tx, input.rosterId, input.handInId))
      if (!handedIn) return refuse({ code: 'report_not_found' })
      const may = await mayExport(tx, ctx, atHand)
      if (!may.ok) return may
      const file = await ctx.services.files.read(tx, handedIn.fileId)
      const kept = await keptWith(tx, ctx, handedIn)
      return file && kept ? ok({ file: file.bytes, kept }) : refuse({ code: 'report_not_found' })
    },
    { object: `hand-in:${input.handInId}` },
  )
  if (!found.ok) return found
  const { header, defects } = found.value.kept
  const above: SheetRow[] = []
  const rows: ReportRow[] = []
  const sheet = await readSheet(found.value.file, (batch) => {
    for (const row of batch) {
      if (row.number < header.row) above.push(row)
      if (row.number <= header.row) continue
      const its = defects[String(row.number)] ?? []
      rows.push({ row, accepted: isAccepted(its), defects: its })
    }
  })
  if (!sheet.ok) return sheet
  return ok(await reportSheet(header, above, rows))
}
