import { assert } from '#kernel/assert.ts'
import { sql, type Tx } from '#platform/database/index.ts'
import { compile, type Edition } from './edition.ts'

export interface AdoptedEdition {
  readonly id: number
  readonly sha256: string
  readonly edition: Edition
}

// An adopted text never changes, so its compiled form may be kept by its fingerprint for as long as the process lives.
const compiled = new Map<string, Edition>()
const byId = new Map<number, AdoptedEdition>()

interface Row {
  readonly id: number
  readonly sha256: string
  readonly text: string
  readonly clauses: string
}

const adoptedFrom = (row: Row): AdoptedEdition => {
  let edition = compiled.get(row.sha256)
  if (!edition) {
    const read = compile(row.text, row.clauses)
    assert(read.ok, 'an adopted edition was understood when it was adopted')
    edition = read.value
    compiled.set(row.sha256, edition)
  }
  const adopted = { id: row.id, sha256: row.sha256, edition }
  byId.set(row.id, adopted)
  return adopted
}

/** The adopted edition of an id; kept in the process, for it cannot change. */
export const editionById = async (tx: Tx, id: number): Promise<AdoptedEdition | undefined> => {
  const known = byId.get(id)
  if (known) return known
  const { rows } = await sql<Row>`select id, sha256, text, clauses from plans.edition where id = ${id}`.execute(tx.q)
  return rows[0] && adoptedFrom(rows[0])
}

/** Every adopted edition, by plan. */
export const adoptedEditions = async (tx: Tx): Promise<AdoptedEdition[]> => {
  const { rows } = await sql<Row>`select id, sha256, text, clauses from plans.edition order by plan, edition`.execute(
    tx.q,
  )
  return rows.map((row) => byId.get(row.id) ?? adoptedFrom(row))
}

/** Forgets what was kept: for tests that open several databases in one process, where ids mean different editions. */
export const forgetEditions = (): void => byId.clear()
