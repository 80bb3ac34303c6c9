/**
 * `faults`: every scenario once without a fault, to count its calls; then once for each call and each fault. A line per
 * scenario, and last `points=N violations=0`. A violation names scenario, call and fault, and exits with 1.
 */
import { breakScenario } from "./breaking.ts";
import { scenarios } from "./scenarios.ts";

let points = 0;
let violations = 0;
for (const scenario of scenarios) {
  const result = await breakScenario(scenario);
  points += result.points;
  violations += result.violations.length;
  for (const { call, fault, violation, tail } of result.violations) {
    for (const line of tail) console.log(`    ${line}`);
    console.log(`  ${scenario.name}, ${fault} at ${call}: ${violation}`);
  }
  console.log(
    `${scenario.name}: calls=${result.calls} points=${result.points} violations=${result.violations.length}`,
  );
}
console.log(`points=${points} violations=${violations}`);
process.exitCode = violations === 0 ? 0 : 1;
