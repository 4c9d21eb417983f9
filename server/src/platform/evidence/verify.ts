import type pg from 'pg'
import { type Frontier, type Hash, inclusionRanges, type Range } from './merkle.ts'
import { inLogOrder, type Leaf } from './sealer.ts'
import { log } from './sha256.ts'

/** Rows that are sealed: `view` gives each by its key (office_id, id, part) with the text that stands for it. */
export interface Source {
  readonly name: string
  readonly zh: string
  readonly view: string
}

export interface Head {
  readonly size: number
  readonly root: string
  readonly sealedAt: string
}

export type Finding =
  | { readonly kind: 'changed' | 'removed' | 'added'; readonly row: Place; readonly seq: number | null }
  /** stands at `seq`, where the order of its head says `belongsAt` */
  | { readonly kind: 're-ordered'; readonly row: Place; readonly seq: number; readonly belongsAt: number }
  /** leaves missing from the log's numbers */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }
  /** the leaves from..to are not those that were sealed */
  | { readonly kind: 'rewritten'; readonly from: number; readonly to: number }
  /** the head of this size is not what its leaves give, or is missing */
  | { readonly kind: 'head'; readonly size: number }
  /** not the history that an earlier head, kept outside, was of */
  | { readonly kind: 'not-consistent'; readonly size: number; readonly root: string }
  | { readonly kind: 'unknown-source'; readonly source: string }

export interface Place {
  readonly source: string
  readonly office: number
  readonly id: number
  readonly part: number
}

export interface Verified {
  readonly size: number
  readonly root: string
  readonly sealedAt: string | null
  readonly unsealed: number
  readonly findings: readonly Finding[]
}

const hex = (hash: Hash): string => Buffer.from(hash).toString('hex')
const placeOf = (leaf: Omit<Leaf, 'leaf'>): Place => ({
  source: leaf.source,
  office: leaf.office_id,
  id: leaf.id,
  part: leaf.part,
})
/** A defect repeated a million times is told a thousand times. */
const most = 1_000

/** The newest head, as the owner reads it; null before anything was sealed. */
export const newestHead = async (owner: pg.Pool | pg.ClientBase): Promise<Head | null> => {
  const { rows } = await owner.query<{ size: number; root: Buffer; sealed_at: Date }>(
    'select size, root, sealed_at from evidence.head order by size desc limit 1',
  )
  const head = rows[0]
  return head ? { size: head.size, root: hex(head.root), sealedAt: head.sealed_at.toISOString() } : null
}

/** Every row against its leaf, sealed or waiting: changed, removed, or there without one. */
const againstRows = async (client: pg.ClientBase, source: Source): Promise<Finding[]> => {
  interface Row extends Omit<Leaf, 'leaf'> {
    readonly seq: number | null
    readonly gone: boolean
  }
  const { rows } = await client.query<Row>(
    `select l.seq, l.source, l.office_id, l.id, l.part, t.office_id is null as gone
       from (select seq, source, office_id, id, part, leaf from evidence.leaf where source = $1
             union all select null, source, office_id, id, part, leaf from evidence.unsealed where source = $1) l
       left join (select office_id, id, part, evidence.leaf_hash(line) as leaf from ${source.view}) t using (office_id, id, part)
      where t.leaf is distinct from l.leaf
      order by l.seq limit ${most}`,
    [source.name],
  )
  const { rows: added } = await client.query<Omit<Leaf, 'leaf'>>(
    `select $1 as source, t.office_id, t.id, t.part from ${source.view} t
      where not exists (select from evidence.leaf l where l.source = $1 and l.office_id = t.office_id and l.id = t.id and l.part = t.part)
        and not exists (select from evidence.unsealed l where l.source = $1 and l.office_id = t.office_id and l.id = t.id and l.part = t.part)
      order by 2, 3, 4 limit ${most}`,
    [source.name],
  )
  return [
    ...rows.map((row) => ({
      kind: row.gone ? ('removed' as const) : ('changed' as const),
      row: placeOf(row),
      seq: row.seq,
    })),
    ...added.map((row) => ({ kind: 'added' as const, row: placeOf(row), seq: null })),
  ]
}

/** Leaves in order, a page at a time. */
async function* leavesInOrder(client: pg.ClientBase): AsyncGenerator<(Leaf & { seq: number })[]> {
  for (let from = 0; ; ) {
    const { rows } = await client.query<Leaf & { seq: number }>(
      'select seq, source, office_id, id, part, leaf from evidence.leaf where seq > $1 order by seq limit 20000',
      [from],
    )
    const last = rows.at(-1)
    if (!last) return
    yield rows
    from = last.seq
  }
}

interface HeadRow {
  readonly size: number
  readonly after_size: number
  readonly root: Buffer
  readonly batch_root: Buffer
}

/** A batch that does not give its head's root: moved leaves are named where the lawful order heals it. */
const judge = (batch: readonly (Leaf & { seq: number })[], head: HeadRow): Finding[] => {
  const first = head.after_size + 1
  const whole = { kind: 'rewritten', from: first, to: head.size } as const
  if (batch.length !== head.size - head.after_size) return [] // what is missing was told as a gap
  const lawful = [...batch].sort(inLogOrder)
  const healed = log.equal(log.root(lawful.map(({ leaf }) => leaf)), head.batch_root)
  const moved = lawful.flatMap((leaf, i) =>
    leaf.seq === first + i
      ? []
      : [{ kind: 're-ordered' as const, row: placeOf(leaf), seq: leaf.seq, belongsAt: first + i }],
  )
  return healed ? moved : [whole, ...moved]
}

/**
 * Asks whether anything sealed was changed, removed, added beside the log, or moved, and says which: as the owner, over all
 * offices, in one snapshot, changing nothing. An earlier head, kept outside, must be of the same history.
 */
export const verify = async (
  owner: pg.Pool,
  sources: readonly Source[],
  { earlier = [] }: { earlier?: readonly Pick<Head, 'size' | 'root'>[] } = {},
): Promise<Verified> => {
  const client = await owner.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    // Whole tables meet here; fresh ones have no statistics, and the planner would go through one for each row of another.
    await client.query('set local enable_nestloop = off')
    const findings: Finding[] = []
    for (const source of sources) findings.push(...(await againstRows(client, source)))
    const { rows: strange } = await client.query<{ source: string }>(
      `select distinct source from evidence.leaf where source <> all ($1)`,
      [sources.map(({ name }) => name)],
    )
    findings.push(...strange.map(({ source }) => ({ kind: 'unknown-source' as const, source })))

    const { rows: heads } = await client.query<HeadRow>(
      'select size, after_size, root, batch_root from evidence.head order by size',
    )
    const { rows: ends } = await client.query<Frontier>('select size, peaks from evidence.log')
    // The root at each size that a head, ours or an outside one, speaks of.
    const wanted = new Map<number, Hash | null>([...heads, ...earlier].map(({ size }) => [size, null]))
    let frontier = log.empty
    let seq = 0
    let next = 0
    let broken = false
    let batch: (Leaf & { seq: number })[] = []
    const closeBatch = (head: HeadRow): void => {
      const leaves = batch.map(({ leaf }) => leaf)
      if (!log.equal(log.root(leaves), head.batch_root)) {
        findings.push(...judge(batch, head))
        broken = true
      } else if (!broken && !log.equal(log.rootOf(frontier), head.root))
        findings.push({ kind: 'head', size: head.size })
      batch = []
      next += 1
    }
    for await (const page of leavesInOrder(client)) {
      for (const leaf of page) {
        if (leaf.seq !== seq + 1) {
          findings.push({ kind: 'gap', from: seq + 1, to: leaf.seq - 1 })
          broken = true
          // Heads that lie inside the gap have lost their leaves.
          while ((heads[next]?.size ?? Number.POSITIVE_INFINITY) < leaf.seq) {
            batch = []
            next += 1
          }
        }
        seq = leaf.seq
        frontier = log.append(frontier, [leaf.leaf])
        batch.push(leaf)
        if (wanted.has(seq)) wanted.set(seq, log.rootOf(frontier))
        if (heads[next]?.size === seq) closeBatch(heads[next] as HeadRow)
      }
    }
    for (const head of heads.slice(next)) findings.push({ kind: 'gap', from: head.after_size + 1, to: head.size })
    if (batch.length > 0) findings.push({ kind: 'head', size: seq })
    heads.forEach((head, i) => {
      if (head.after_size !== (heads[i - 1]?.size ?? 0)) findings.push({ kind: 'head', size: head.after_size })
    })
    const end = ends[0]
    if (!broken && (end?.size !== seq || !log.equal(log.rootOf(end), log.rootOf(frontier))))
      findings.push({ kind: 'head', size: end?.size ?? 0 })
    for (const head of earlier) {
      const found = head.size === 0 ? log.root([]) : wanted.get(head.size)
      if (!found || hex(found) !== head.root)
        findings.push({ kind: 'not-consistent', size: head.size, root: head.root })
    }
    const { rows: waiting } = await client.query<{ n: number }>('select count(*) as n from evidence.unsealed')
    const newest = await newestHead(client)
    await client.query('commit')
    return {
      size: seq,
      root: hex(log.rootOf(frontier)),
      sealedAt: newest?.sealedAt ?? null,
      unsealed: waiting[0]?.n ?? 0,
      findings,
    }
  } finally {
    client.release()
  }
}

export interface InclusionProof {
  readonly row: Place
  /** the sealed text, as it is now; its hash after a zero byte is the leaf */
  readonly line: string
  /** the leaf's place in the log, from 0 */
  readonly index: number
  readonly size: number
  readonly root: string
  readonly proof: readonly string[]
}

/** Roots of ranges of the log, in one reading of the leaves. */
const rootsOf = async (client: pg.ClientBase, ranges: readonly Range[]): Promise<Hash[]> => {
  const roots: Hash[] = []
  for (const [from, to] of ranges) {
    let frontier = log.empty
    for (let after = from; after < to; after += 20_000) {
      const { rows } = await client.query<{ leaf: Buffer }>(
        'select leaf from evidence.leaf where seq > $1 and seq <= $2 order by seq',
        [after, Math.min(to, after + 20_000)],
      )
      frontier = log.append(
        frontier,
        rows.map(({ leaf }) => leaf),
      )
    }
    roots.push(log.rootOf(frontier))
  }
  return roots
}

/** Shows that one row is in the newest head, so that it can be checked without us; undefined where it is not sealed. */
export const proveRow = async (
  owner: pg.Pool,
  source: Source,
  row: Omit<Place, 'source'>,
): Promise<InclusionProof | undefined> => {
  const client = await owner.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    const head = await newestHead(client)
    const { rows } = await client.query<{ seq: number; line: string }>(
      `select l.seq, t.line from evidence.leaf l join ${source.view} t using (office_id, id, part)
        where l.source = $1 and l.office_id = $2 and l.id = $3 and l.part = $4`,
      [source.name, row.office, row.id, row.part],
    )
    const found = rows[0]
    const proof = found && head ? await rootsOf(client, inclusionRanges(found.seq - 1, head.size)) : []
    await client.query('commit')
    if (!found || !head) return undefined
    return {
      row: { source: source.name, ...row },
      line: found.line,
      index: found.seq - 1,
      size: head.size,
      root: head.root,
      proof: proof.map(hex),
    }
  } finally {
    client.release()
  }
}
