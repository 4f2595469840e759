#!/bin/sh
# Installs the evaluator of IAM that is not ours into build/iam, and has it judge what the policies
# allow. Without Node.js and npm nothing is judged, and that is said and kept for the end of .ci/run.
set -eu
cd "$(dirname "$0")/../../.."

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	said="policies by a second judge (make rules): NOT CHECKED, for node or npm is missing"
	mkdir -p build
	echo "$said" >>build/not-checked.txt
	echo "*** $said ***" >&2
	exit 0
fi
mkdir -p build/iam
cp infra/checking/iam/package.json infra/checking/iam/package-lock.json infra/checking/iam/.npmrc build/iam/
npm ci --prefix build/iam --silent
.venv/bin/python -m pytest tests/integration/test_second_judge.py tests/integration/test_judged_bounds.py -m rules \
	--numprocesses 2
