import type { World } from './world.ts'

/** An answer's headers that name an address. */
const naming = ['location', 'content-location', 'link', 'refresh']

/** Every address in an answer: where it sends on to, what its page links to, what its text or data name. */
export const addressesIn = (headers: Readonly<Record<string, unknown>>, text: string): string[] => [
  ...naming.flatMap((name) => (headers[name] === undefined ? [] : [String(headers[name])])),
  ...[...text.matchAll(/\b(?:href|src|srcset|action|formaction|poster|cite)\s*=\s*("[^"]*"|'[^']*')/gi)].map(
    ([, value]) => (value ?? '').slice(1, -1),
  ),
  ...[...text.matchAll(/(?:https?:\/\/|(?:mailto|tel|sms|data):)[^\s"'<>\\，。；）]+/gi)].map(([whole]) => whole),
  // Data name an address by a text that begins like a path.
  ...[...text.matchAll(/"(\/[^"\s]*)"/g)].map(([, path]) => path ?? ''),
]

/** An address as it stands, and as whoever reads a log would decode it. */
const readings = (address: string): string[] => {
  try {
    return [address, decodeURIComponent(address.replaceAll('+', ' '))]
  } catch {
    return [address]
  }
}

/** What looks like a paper's number, a telephone number or an account, whoever's it is. */
const shapes: readonly RegExp[] = [/(?<!\d)\d{17}[\dXx](?!\d)/, /(?<!\d)1[3-9]\d{9}(?!\d)/, /(?<!\d)\d{16,19}(?!\d)/]

/** The addresses that hold one of these words, or a number of that kind. */
export const telling = (addresses: Iterable<string>, words: readonly string[]): string[] =>
  [...addresses].filter((address) =>
    readings(address).some(
      (text) => words.some((word) => text.includes(word)) || shapes.some((shape) => shape.test(text)),
    ),
  )

/** Names and papers' numbers of all members, and the names of all staff, as the story has them now. */
export const everybody = async ({ base }: World): Promise<{ members: string[]; staff: string[] }> => {
  const members = await base.owner.query<{ name: Buffer; paper: Buffer }>(
    'select name_sealed as name, paper_sealed as paper from membership.member where length(paper_sealed) > 0',
  )
  const staff = await base.owner.query<{ name: string }>('select distinct name from network.staff')
  return {
    members: members.rows.flatMap(({ name, paper }) => [
      base.services.vault.open('member.name', name),
      base.services.vault.open('member.paper', paper),
    ]),
    staff: staff.rows.map(({ name }) => name),
  }
}
