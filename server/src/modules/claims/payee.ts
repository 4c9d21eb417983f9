import { sameName } from '#kernel/names.ts'
import { type MemberSeals, maskAccount, maskName, type Vault } from '#platform/vault/index.ts'

interface Sealed {
  readonly personId: number
  readonly payeeKind: string
  readonly payeeNameSealed: Buffer
  readonly accountSealed: Buffer
  readonly memberNameSealed: Buffer | null
}

/**
 * Whom a claim is to be paid to, masked, and whether that is the member by the name on record: heirs and guardians are not, and
 * whoever reviews and decides has to know it. null: an account of the union's, or a member whose name is forgotten.
 */
export const payeeShown = (vault: Vault, seals: MemberSeals, sealed: Sealed) => {
  const name = seals.open(sealed.personId, 'payee.name', sealed.payeeNameSealed) ?? ''
  const member = sealed.memberNameSealed ? vault.open('member.name', sealed.memberNameSealed) : ''
  return {
    kind: sealed.payeeKind,
    name: maskName(name),
    account: maskAccount(seals.open(sealed.personId, 'payee.account', sealed.accountSealed) ?? ''),
    isMember: sealed.payeeKind === 'member' && member !== '' && name !== '' ? sameName(name, member) : null,
  }
}
