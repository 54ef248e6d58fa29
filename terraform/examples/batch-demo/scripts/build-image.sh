#!/usr/bin/env bash
#
# Builds the image with the tests of app/ on top of Berth's runner with a browser, and pushes it to ECR. It takes the
# variables of the older sample; without any, it uses the outputs of Terraform.
#
#   ./scripts/build-image.sh              builds and pushes
#   ./scripts/build-image.sh --dry-run    prints the commands without running them
#
#   AWS_REGION      region of the repository; default the region of this installation
#   ECR_REPO_NAME   name of the repository; default the repository of this installation
#   IMAGE_TAG       tag of the image; default latest
#   APP_DIR         folder of the Dockerfile; default app
#   PLATFORM        linux/amd64 or linux/arm64; default linux/amd64
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_image=$(cd "$here/../../.." && pwd)/scripts/build-image.sh

# output NAME DEFAULT: an output of Terraform, or the default before the first apply.
output() { terraform -chdir="$here" output -raw "$1" 2>/dev/null || printf '%s' "$2"; }

export AWS_REGION=${AWS_REGION:-$(output region eu-west-1)}
export PLATFORM=${PLATFORM:-linux/amd64}
repository=${ECR_REPO_NAME:-$(output repository_name batch-demo-repo)}
tag=${IMAGE_TAG:-latest}
app_dir=${APP_DIR:-$here/app}
unset APP_DIR IMAGE_TAG

runner=$(ECR_REPO_NAME=berth-runner TARGET=browser "$build_image" --local "$@")
ECR_REPO_NAME=$repository IMAGE_TAG=$tag APP_DIR=$app_dir TARGET=base \
  BASE_IMAGE=${runner:-berth-runner:browser} PULL=false exec "$build_image" "$@"
