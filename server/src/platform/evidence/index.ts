export { type Frontier, type Hash, merkle } from './merkle.ts'
export { evidenceRoutes } from './routes.ts'
export { type Leaf, sealer } from './sealer.ts'
export { log } from './sha256.ts'
export {
  type Finding,
  type Head,
  type InclusionProof,
  newestHead,
  type Place,
  proveRow,
  type Source,
  type Verified,
  verify,
} from './verify.ts'
