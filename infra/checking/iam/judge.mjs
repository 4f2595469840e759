// Judges calls by policies with an evaluator of IAM that is not ours.
//
// Reads JSON from standard input: a list of questions, each with `identity` and `resource` (a list of
// policy documents, and one policy document or null), `principal`, `action`, `arn` and `context`.
// Writes a list of `Allowed`, `ImplicitlyDenied` or `ExplicitlyDenied`. Ends with 1 where a question
// cannot be judged, and says which.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const folder = process.argv[2] // where `npm ci` installed the evaluator
const evaluator = createRequire(pathToFileURL(`${folder}/`)).resolve('@cloud-copilot/iam-simulate')
const { runSimulation } = await import(pathToFileURL(evaluator))

function covers(pattern, form) {
  return pattern === form || (pattern.endsWith('*') && form.startsWith(pattern.slice(0, -1)))
}

async function judged(question) {
  const account = question.principal.split(':')[4]
  const answer = await runSimulation(
    {
      identityPolicies: question.identity.map((policy, number) => ({ name: `${number}`, policy })),
      resourcePolicy: question.resource ?? undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      request: {
        principal: question.principal,
        action: question.action,
        resource: { resource: question.arn, accountId: account },
        contextVariables: question.context
      }
    },
    {}
  )
  if (answer.resultType === 'wildcard') {
    // Asked about every resource of a form: what is allowed for some of them is not allowed.
    const whole = answer.results.find((each) => covers(each.resourcePattern, question.arn))
    return whole ? whole.analysis.result : 'ImplicitlyDenied'
  }
  if (answer.resultType !== 'single') {
    throw new Error(`${JSON.stringify(question)}: ${JSON.stringify(answer.errors ?? answer)}`)
  }
  return answer.overallResult
}

const verdicts = []
for (const question of JSON.parse(readFileSync(0, 'utf8'))) {
  verdicts.push(await judged(question))
}
process.stdout.write(JSON.stringify(verdicts))
