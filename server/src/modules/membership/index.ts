export { admitUnit } from './admit-unit.ts'
export { applyForUnit } from './apply-for-unit.ts'
export { addingPersonCovers, enrolling, lockPlan, withPersons } from './enrol-persons.ts'
export { issueCode } from './issue-code.ts'
export { membershipRoutes } from './routes.ts'
export {
  addingBenefit,
  benefitsOf,
  coversOf,
  emptyMember,
  freeOccurrence,
  isAdmitted,
  isTold,
  lockedBenefitsOf,
  memberByNumber,
  type Occurrence,
  type PersonBenefit,
  type PersonCover,
  takeOccurrence,
  unitsOf,
} from './store.ts'
