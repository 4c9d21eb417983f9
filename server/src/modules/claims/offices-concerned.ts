import type { EventFacts } from '#contract/claims.ts'
import { assert } from '#kernel/assert.ts'
import { coversOf, type PersonCover } from '#modules/membership/index.ts'
import { editionById } from '#modules/plans/index.ts'
import type { Tx } from '#platform/database/index.ts'
import { standingOf } from './claim.ts'

/** The covers of a person that an event touches and for which it was told in time, in any office. */
export const coversConcerned = async (tx: Tx, personId: number, facts: EventFacts): Promise<PersonCover[]> => {
  const concerned: PersonCover[] = []
  for (const cover of await coversOf(tx, personId)) {
    const adopted = await editionById(tx, cover.editionId)
    assert(adopted, 'a cover has an adopted edition')
    const toldOn = facts.dates.application
    assert(toldOn, 'an event keeps the day it was told')
    if (standingOf(adopted.edition, cover, facts, toldOn).concerned) concerned.push(cover)
  }
  return concerned
}

/** The other offices that decide an item of an event: papers and news go to them, and to nobody else who knows her. */
export const officesConcerned = async (tx: Tx, personId: number, facts: EventFacts): Promise<number[]> => [
  ...new Set(
    (await coversConcerned(tx, personId, facts))
      .map((cover) => cover.officeId)
      .filter((office) => office !== tx.office),
  ),
]
