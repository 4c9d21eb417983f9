// What works on plan files alone, without a database or a server: the CLI's door.
export { checkPlan, type Finding, findings, mostJudgements, type PlanCheck } from './check-plan.ts'
export * from './core.ts'
export { decisionsWorthKeeping, type KeptDecision, type KeptEdition } from './keep-decisions.ts'
export { type Example, type PlanFile, readExamples, readPlan, readPlans } from './read-plan.ts'
export { type Tried, triedOf, tryExample } from './try-plan.ts'
