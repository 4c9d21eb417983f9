export { admitUnit } from './admit-unit.ts'
export { applyForUnit } from './apply-for-unit.ts'
export { addPersonCovers, enrolPersons, lockPlan } from './enrol-persons.ts'
export { issueCode } from './issue-code.ts'
export { membershipRoutes } from './routes.ts'
export {
  addBenefit,
  benefitsOf,
  coversOf,
  freeOccurrence,
  isAdmitted,
  isTold,
  lockedBenefitsOf,
  memberByNumber,
  type PersonBenefit,
  type PersonCover,
  takeOccurrence,
  unitsOf,
} from './store.ts'
