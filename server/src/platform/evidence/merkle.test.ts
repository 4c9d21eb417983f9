import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Hash, inclusionRanges } from './merkle.ts'
import { log } from './sha256.ts'

const { nodeHash, leafHash } = log
const hex = (hash: Hash): string => Buffer.from(hash).toString('hex')
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex')

// The eight leaves that implementations of RFC 6962 check themselves with, and the root after each.
const lines = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('the roots known for RFC 6962 come out, and nothing hashes to the hash of nothing', () => {
  expect(hex(log.root([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  const leaves = lines.map((line) => leafHash(bytes(line)))
  roots.forEach((expected, i) => {
    expect(hex(log.root(leaves.slice(0, i + 1)))).toBe(expected)
  })
})

// The tree of seven leaves drawn in RFC 6962 section 2.1.3, by its own letters.
const d = Array.from({ length: 7 }, (_, i) => leafHash(Buffer.from(`d${i}`)))
const [a, b, c, e0, e, f, j] = d as [Hash, Hash, Hash, Hash, Hash, Hash, Hash]
const g = nodeHash(a, b)
const h = nodeHash(c, e0)
const i = nodeHash(e, f)
const k = nodeHash(g, h)
const l = nodeHash(i, j)

test('the audit paths and consistency proofs of the RFC’s example, node by node', () => {
  expect(hex(log.root(d))).toBe(hex(nodeHash(k, l)))
  expect(log.inclusionProof(d, 0).map(hex)).toEqual([b, h, l].map(hex)) // PATH(0, D[7]) = [b, h, l]
  expect(log.inclusionProof(d, 3).map(hex)).toEqual([c, g, l].map(hex)) // PATH(3, D[7]) = [c, g, l]
  expect(log.inclusionProof(d, 4).map(hex)).toEqual([f, j, k].map(hex)) // PATH(4, D[7]) = [f, j, k]
  expect(log.inclusionProof(d, 6).map(hex)).toEqual([i, k].map(hex)) // PATH(6, D[7]) = [i, k]
  expect(log.consistencyProof(d, 3).map(hex)).toEqual([c, e0, g, l].map(hex)) // PROOF(3, D[7]) = [c, d, g, l]
  expect(log.consistencyProof(d, 4).map(hex)).toEqual([l].map(hex)) // PROOF(4, D[7]) = [l]
  expect(log.consistencyProof(d, 6).map(hex)).toEqual([i, j, k].map(hex)) // PROOF(6, D[7]) = [i, j, k]
})

/** The definition of MTH in the RFC, word for word. */
const byDefinition = (leaves: readonly Hash[]): Hash => {
  if (leaves.length === 0) return log.root([])
  if (leaves.length === 1) return leaves[0] as Hash
  let half = 1
  while (half * 2 < leaves.length) half *= 2
  return nodeHash(byDefinition(leaves.slice(0, half)), byDefinition(leaves.slice(half)))
}
const leavesOf = (count: number): Hash[] => Array.from({ length: count }, (_, n) => leafHash(Buffer.from(`row ${n}`)))
const all = leavesOf(300)
const sizes = fc.integer({ min: 1, max: all.length })

test('however a log grew, in one go or in pieces, its root is that of the definition', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 7 }), (pieces) => {
      let frontier = log.empty
      for (const piece of pieces) frontier = log.append(frontier, all.slice(frontier.size, frontier.size + piece))
      expect(hex(log.rootOf(frontier))).toBe(hex(byDefinition(all.slice(0, frontier.size))))
    }),
  )
})

test('every leaf proves itself at its own place, in its own log, and nowhere else', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (size, n, m) => {
      const leaves = all.slice(0, size)
      const index = n % size
      const head = { size, root: log.root(leaves) }
      const proof = log.inclusionProof(leaves, index)
      expect(log.isIncluded(all[index] as Hash, index, head, proof)).toBe(true)
      const other = m % size
      if (other !== index) {
        expect(log.isIncluded(all[other] as Hash, index, head, proof)).toBe(false)
        expect(log.isIncluded(all[index] as Hash, other, head, proof)).toBe(false)
      }
      const bent = proof.map((hash, at) => (at === m % proof.length ? leafHash(hash) : hash))
      if (proof.length > 0) expect(log.isIncluded(all[index] as Hash, index, head, bent)).toBe(false)
      expect(log.isIncluded(all[index] as Hash, index, head, [...proof, head.root])).toBe(false)
    }),
  )
})

test('a log that only grew proves it; one that changed or lost a leaf cannot', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (size, n, m) => {
      const earlier = { size: (n % size) + 1, root: log.root(all.slice(0, (n % size) + 1)) }
      const leaves = all.slice(0, size)
      const proof = log.consistencyProof(leaves, earlier.size)
      const later = { size, root: log.root(leaves) }
      expect(log.isConsistent(earlier, later, proof)).toBe(true)
      const changed = leaves.map((leaf, at) => (at === m % earlier.size ? leafHash(leaf) : leaf))
      const forged = { size, root: log.root(changed) }
      expect(log.isConsistent(earlier, forged, log.consistencyProof(changed, earlier.size))).toBe(false)
      expect(log.isConsistent(earlier, forged, proof)).toBe(false)
      expect(log.isConsistent(later, earlier, proof)).toBe(earlier.size === size)
    }),
  )
})

test('a proof grows with the logarithm: forty hashes for a log of a million million leaves', () => {
  expect(inclusionRanges(123_456_789, 1_000_000_000_000).length).toBeLessThanOrEqual(40)
})
